import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { QUICK_TO_LOAD } from '../../scripts/build.ts';

/** An app with so many functions that do nothing, bundled as ours is; returns its folder. */
export async function buildEmptyApp(functions: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'outrider-bench-'));
  const lines = Array.from(
    { length: functions },
    (_, n) => `app.http('f${n}', { route: 'f${n}', authLevel: 'anonymous', handler: async () => ({}) });`,
  );
  await build({
    stdin: {
      contents: `import { app } from '@azure/functions';\n${lines.join('\n')}`,
      resolveDir: process.cwd(),
    },
    outfile: join(folder, 'functions.js'),
    ...QUICK_TO_LOAD,
    bundle: true,
    external: ['@azure/functions-core'],
  });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'commonjs', main: 'functions.js' }));
  return folder;
}
