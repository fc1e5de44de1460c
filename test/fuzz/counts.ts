import type { FuzzRequest } from './request.ts';
import type { Outcome } from './wire.ts';

/** How often what was answered how. */
export interface Counts {
  add(request: FuzzRequest, outcome: Outcome): void;
  /** By kind of request or by token, then by status. */
  readonly byKind: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly byToken: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Requests that were answered with this status. */
  of(status: number): number;
}

export function createCounts(): Counts {
  const byKind = new Map<string, Map<string, number>>();
  const byToken = new Map<string, Map<string, number>>();
  return {
    byKind,
    byToken,
    add(request, { status }) {
      count(byKind, request.kind, String(status));
      count(byToken, tokenOf(request), String(status));
    },
    of: (status) => [...byKind.values()].reduce((sum, row) => sum + (row.get(String(status)) ?? 0), 0),
  };
}

function tokenOf({ authorizations: [first, ...more] }: FuzzRequest): string {
  if (first === undefined) return 'no token';
  if (more.length > 0) return 'several tokens';
  if (first.spoilt.how !== 'not') return `one of which something is ${first.spoilt.how}`;
  return first.scheme === 'Bearer ' || first.scheme === '' ? first.token : 'another scheme';
}

function count(table: Map<string, Map<string, number>>, name: string, status: string): void {
  const row = table.get(name) ?? new Map<string, number>();
  table.set(name, row.set(status, (row.get(status) ?? 0) + 1));
}

/** A table as text, a line for each row. */
export function tableText(title: string, table: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
  const statuses = [...new Set([...table.values()].flatMap((row) => [...row.keys()]))].sort();
  const names = [...table.keys()].sort();
  const width = Math.max(title.length, ...names.map((name) => name.length));
  const line = (name: string, cells: readonly (string | number)[]): string =>
    [name.padEnd(width), ...cells.map((cell) => String(cell).padStart(7))].join(' ');
  return [
    line(title, statuses),
    ...names.map((name) =>
      line(
        name,
        statuses.map((status) => table.get(name)?.get(status) ?? ''),
      ),
    ),
  ].join('\n');
}
