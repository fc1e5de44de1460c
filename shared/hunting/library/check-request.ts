import type { CheckRequest } from '../ports.ts';
import type { HuntingQuery } from '../query.ts';

/** What is asked of the check for a query of the library as its file has it: its text, and all that names its columns. */
export function checkRequestOf(query: HuntingQuery): CheckRequest {
  const { text, parameters, platform, schedule, keys, entities, customDetails } = query;
  const wanted = schedule !== undefined || keys.length > 0;
  return {
    text,
    parameters,
    platform,
    findings: wanted ? { keys } : undefined,
    namedColumns: [
      ...entities.map(({ type, identifier, column }) => ({ column, as: `entity ${type} (${identifier})` })),
      ...Object.entries(customDetails).map(([name, column]) => ({ column, as: `custom detail ${name}` })),
    ],
  };
}
