import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type SourceBug, withBug } from '../crossing/deliberate-bugs.ts';

/** A bug that is put into a copy of one source file below shared/, and the sign by which it must be noticed. */
export interface HttpBug extends SourceBug {
  readonly sign: RegExp;
}

/** The classic ways to fail callers of an API, each of which the series must notice. All can be in one app at once. */
export const HTTP_BUGS: readonly HttpBug[] = [
  {
    name: 'an unhandled throw',
    file: 'http/route.ts',
    edits: [
      {
        find: 'return /^[A-Za-z0-9-]{8,64}$/.test(sent) ? sent : randomUUID();',
        put: "if (sent.length > 64) throw new RangeError('too long');\n  return sent || randomUUID();",
      },
    ],
    sign: /^was answered 500: a failure of ours$/,
  },
  {
    name: 'a route without authorization',
    file: 'http/authorize.ts',
    edits: [
      {
        find: 'if (caller.roles.includes(role)) return;',
        put: "if (caller.roles.includes(role) || action === 'incidents.read') return;",
      },
    ],
    sign: /^was answered 200 to a caller without the role$/,
  },
  {
    name: 'tokens for any audience',
    file: 'http/authenticate.ts',
    edits: [{ find: 'audience: [', put: 'ignored: [' }],
    sign: /^was answered 200 to a caller whose token does not hold$/,
  },
  {
    name: 'a forged header of App Service taken for a caller',
    file: 'http/route.ts',
    edits: [
      {
        find: "return await app.authenticate(request.headers.get('authorization'));",
        put: [
          "if (request.headers.has('x-ms-client-principal'))",
          "  return { tenantId: app.config.api?.tenantId, objectId: '', roles: ['Incidents.Read', 'Incidents.Sync'] };",
          "return await app.authenticate(request.headers.get('authorization'));",
        ].join('\n'),
      },
    ],
    sign: /^was answered 20[02] to nobody$/,
  },
  {
    name: 'an echoed token',
    file: 'http/authenticate.ts',
    edits: [
      {
        find: "throw unauthenticated('it is not a signed JSON web token');",
        put: "throw unauthenticated('it is not a signed JSON web token: ' + authorization);",
      },
    ],
    sign: /^was answered with a part of its token$/,
  },
  {
    name: 'a stack in an answer',
    file: 'http/problem.ts',
    edits: [{ find: 'detail: known.message,', put: 'detail: known.message + known.stack,' }],
    sign: /^was answered with something of our inside: /,
  },
  {
    name: 'a refusal in another form',
    file: 'http/problem.ts',
    edits: [
      { find: "'content-type': 'application/problem+json'", put: "'content-type': 'application/json'" },
    ],
    sign: /^was refused with application\/json, not a problem$/,
  },
  {
    name: 'requests that are kept',
    file: 'http/route.ts',
    edits: [
      {
        find: 'const { app } = await loadApp();',
        put: 'kept.push(request);\n      const { app } = await loadApp();',
      },
      {
        find: 'function logFailure(',
        put: 'const kept: unknown[] = [];\nfunction logFailure(',
      },
    ],
    sign: /^memory grew by /,
  },
];

const ROOT = resolve(import.meta.dirname, '../..');
/** Sources that import each other are copied; the rest of the repository is as good by a link. */
const COPIED = ['functions', 'scripts', 'shared'];
const LEFT_OUT = ['.git', 'dist'];

/** Builds the app from a copy of the sources with these bugs in it. */
export async function buildWithBugs(
  bugs: readonly HttpBug[],
): Promise<{ readonly directory: string; remove(): Promise<void> }> {
  const edited = new Map<string, string>();
  for (const bug of bugs) {
    const source = edited.get(bug.file) ?? (await readFile(join(ROOT, 'shared', bug.file), 'utf8'));
    edited.set(bug.file, withBug(source, bug));
  }
  const copy = await mkdtemp(join(tmpdir(), 'outrider-bugs-'));
  const remove = (): Promise<void> => rm(copy, { recursive: true, force: true });
  try {
    for (const part of await readdir(ROOT)) {
      if (COPIED.includes(part)) await cp(join(ROOT, part), join(copy, part), { recursive: true });
      else if (!LEFT_OUT.includes(part)) await symlink(join(ROOT, part), join(copy, part));
    }
    for (const [file, text] of edited) await writeFile(join(copy, 'shared', file), text);
    await promisify(execFile)(process.execPath, [join(copy, 'scripts/build.ts')]);
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory: join(copy, 'dist/app'), remove };
}
