import { defineConfig } from 'vitest/config';

const PROOFS = 'test/{faults,crossing,kill,fuzz}/**/*.test.ts';
const onTheMachine = { testTimeout: 60_000, hookTimeout: 60_000, pool: 'forks', maxWorkers: 2 } as const;

// Three projects: `unit` is pure and fast; `lab` talks to real sockets, Azurite and child processes; `proofs` plays
// long series against a model, with faults, or kills the running app.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/**/*.lab.test.ts', PROOFS] } },
      { test: { name: 'lab', include: ['test/**/*.lab.test.ts'], exclude: [PROOFS], ...onTheMachine } },
      { test: { name: 'proofs', include: [PROOFS], ...onTheMachine } },
    ],
  },
});
