#!/usr/bin/env node
import '../scripts/check-node.js';

const { main } = await import('../cli/main.ts');
await main(process.argv);
