import type { z } from 'zod';

/** What is wrong with an input, in one line: each field with its fault. */
export function zodText({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
}
