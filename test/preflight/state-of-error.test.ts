import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { type ErrorCode, OutriderError } from '../../shared/errors.ts';
import { isTelling, STATE_OF_CODE, stateOfError } from '../../shared/preflight/state-of-error.ts';
import { PREFLIGHT_STATES } from '../../shared/preflight/states.ts';

/** All codes, from their one place. */
const source = readFileSync(resolve(import.meta.dirname, '../../shared/errors.ts'), 'utf8');
const CODES = [...source.matchAll(/^ {2}\| '([\w.]+)'/gm)].map(([, code]) => code as ErrorCode);

it('every code of sign-in, vault, user and APIs has exactly one state that is not ok, and no other code has one but quotas, settings and an end', () => {
  expect(CODES.length).toBeGreaterThan(50);
  const telling = CODES.filter((code) => /^(auth|upstream|user|vault|pace)\./.test(code));
  const more = ['hunt.call_quota', 'hunt.cpu_quota', 'config.invalid', 'aborted'];
  expect(Object.keys(STATE_OF_CODE).sort()).toEqual([...telling, ...more].sort());
  for (const state of Object.values(STATE_OF_CODE)) {
    expect(PREFLIGHT_STATES).toContain(state);
    expect(state).not.toBe('ok');
  }
});

it('whatever else an error says, there is one state, and it is not ok', () => {
  const facts = [
    {},
    { status: 401 },
    { status: 404 },
    { status: 503 },
    { claims: '{}' },
    { serviceCode: 'insufficient_claims' },
  ];
  for (const code of CODES) {
    for (const fact of facts) {
      const error = new OutriderError(code, '', fact);
      expect(isTelling(error)).toBe(code in STATE_OF_CODE);
      for (const kind of ['app', 'user'] as const) {
        const state = stateOfError(error, kind);
        expect(PREFLIGHT_STATES.slice(1)).toContain(state);
      }
    }
  }
});
