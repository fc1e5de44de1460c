import type { z } from 'zod';

/** The event that a line of the app's log tells of, when it is one of the schema; undefined for any other line. */
export function readAppEvent<Event>(schema: z.ZodType<Event>, message: string): Event | undefined {
  // Most lines are sentences.
  if (!message.startsWith('{')) return undefined;
  try {
    return schema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
