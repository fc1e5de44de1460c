import { declarationFaults } from '../parameters/bind.ts';
import type { ScalarType } from '../query.ts';

/** What is wrong with a placeholder's default as a value of the type, as the rest of a sentence; undefined: nothing. */
export function literalFault(type: ScalarType, value: string): string | undefined {
  const [wrong] = declarationFaults({ name: 'p', type, list: false, required: false, default: value });
  return wrong?.fault.replace(/^its default /, '');
}
