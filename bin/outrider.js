#!/usr/bin/env node
import '../scripts/check-node.js';

// What the commands are made of is stripped of its types and compiled once a machine, which is half the time of a short
// command. Without a folder for temporary files nothing is kept, and nothing fails.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
const { main } = await import('../cli/main.ts');
await main(process.argv);
