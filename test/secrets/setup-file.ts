import { relative } from 'node:path';
import { expect } from 'vitest';
import { noteOutputOfChildren } from '../../lab/leak-watch/children.ts';
import { WATCHED_TEST } from '../../lab/leak-watch/notes.ts';

// Runs before each test file, in its process: what it and its children note is noted in its name.
process.env[WATCHED_TEST] = relative(process.cwd(), expect.getState().testPath ?? '');
noteOutputOfChildren();
