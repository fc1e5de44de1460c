import { z } from 'zod';
import type { LogEntry } from '../runner/log.ts';

const entrySchema = z.object({
  level: z.enum(['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none']),
  source: z.enum(['runner', 'app', 'library', 'console']),
  message: z.string(),
  functionName: z.string().optional(),
  invocationId: z.string().optional(),
});

/** A line of the runner's log; what is none (Node's own last words, say) counts as an error. */
export function readAppLine(line: string): LogEntry {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return { level: 'error', source: 'runner', message: line };
  }
}
