import { createCheckedLibrary } from '../../../shared/hunting/ask/checked-library.ts';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import type { CheckRequest, CheckResult, Diagnostic } from '../../../shared/hunting/ports.ts';

const QUERIES = `id: usb
name: Files to USB
description: d
query: |
  DeviceFileEvents
  | where Count > Least
parameters:
  Least:
    type: long
    default: 5
`;

/** A library of a few queries, and a check that finds what it is told to. */
export function createAskRig(find: (request: CheckRequest) => readonly Diagnostic[] = () => []) {
  const { queries } = readQueryFile('usb.yaml', Buffer.from(QUERIES));
  const more = ['a', 'b', 'c'].flatMap((id) => {
    const text = `id: ${id}\nname: ${id}\ndescription: d\nquery: T\n`;
    return readQueryFile(`${id}.yaml`, Buffer.from(text)).queries;
  });
  const checked: CheckRequest[] = [];
  const kql = {
    async check(request: CheckRequest): Promise<CheckResult> {
      checked.push(request);
      return {
        diagnostics: find(request),
        columns: [{ name: 'A', type: 'string' }],
        columnsComplete: true,
        tables: ['T'],
        slicing: { possible: false, reason: 'it is a test' },
        clockCalls: [],
      };
    },
  };
  const source = { load: async () => ({ queries: [...queries, ...more], problems: [], skipped: [] }) };
  const library = createCheckedLibrary({ source, kql: () => kql });
  return { library, kql: () => kql, checked };
}
