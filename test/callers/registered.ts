import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HttpHandler } from '@azure/functions';

/** An HTTP function as a file of functions/ registers it. */
export interface Registered {
  readonly name: string;
  readonly route: string;
  readonly methods: readonly string[];
  readonly authLevel: string;
  readonly handler: HttpHandler;
}

const FUNCTIONS = resolve(import.meta.dirname, '../../functions');

/** What the mocked `@azure/functions` was told; see routes-table.test.ts. */
export const registered: Registered[] = [];

/** Stands in for `app` of `@azure/functions`: notes HTTP functions, and lets the others be. */
export const registry = {
  http: (name: string, options: Omit<Registered, 'name'>): void => void registered.push({ name, ...options }),
  timer: (): void => {},
  storageQueue: (): void => {},
};

/** Loads every file of functions/, as the host does. */
export async function loadFunctions(): Promise<readonly Registered[]> {
  for (const file of await readdir(FUNCTIONS)) await import(join(FUNCTIONS, file));
  return registered;
}
