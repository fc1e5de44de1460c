import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const PROOFS = 'test/{faults,crossing,kill,fuzz}/**/*.test.ts';
/**
 * What takes longest, and is proven at other levels as well, is played where CI is set (`CI=1 npm test`): kills and
 * outages of the running app, bugs put into the sources, stories of many tenants and people.
 */
const WHOLE_ONLY = process.env.CI
  ? []
  : [
      'test/kill/**',
      'test/faults/deliberate-bugs.lab.test.ts',
      'test/crossing/deliberate-bugs.lab.test.ts',
      'test/callers/every-route.lab.test.ts',
      'test/callers/fuzz/callers.lab.test.ts',
      'test/preflight/preflight.lab.test.ts',
      'test/trouble/*-*.lab.test.ts',
      'test/http/{act-as,onboarding,tenants}.lab.test.ts',
      'test/cli/{doctor-url,hunt,lab-running,sign-in,tenants}.lab.test.ts',
      'test/infra/deploy/{bad-input,shellcheck}.lab.test.ts',
      'test/package/zip.lab.test.ts',
    ];
const everywhere = {
  // What tests print, send and store is searched for every secret of the lab: see test/secrets/README.md.
  setupFiles: ['test/secrets/setup-file.ts'],
  // One more than cores: a test that waits for a process, a socket or a message leaves its core to another. The same
  // for all, or Vitest runs one project after the other.
  maxWorkers: 3,
};
const onTheMachine = {
  ...everywhere,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  pool: 'forks',
  // The app, the command line and Azurite are started again and again: Node keeps what it has compiled of them.
  env: { NODE_COMPILE_CACHE: join(tmpdir(), 'outrider-test-compile-cache') },
} as const;

// Three projects: `unit` is pure and fast; `lab` talks to real sockets, Azurite and child processes; `proofs` plays
// long series against a model, with faults, or kills the running app.
export default defineConfig({
  test: {
    globalSetup: ['test/secrets/global-setup.ts'],
    teardownTimeout: 120_000,
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          // A busy machine is no hang.
          testTimeout: 30_000,
          // Nothing in them outlives its file, so the files share their processes and what these have loaded.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.lab.test.ts', PROOFS],
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          exclude: [PROOFS, ...WHOLE_ONLY],
          ...onTheMachine,
        },
      },
      { test: { name: 'proofs', include: [PROOFS], exclude: WHOLE_ONLY, ...onTheMachine } },
    ],
  },
});
