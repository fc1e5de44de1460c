import type { CapabilityCheck, Preflight } from '../preflight/preflight.ts';
import type { LastPreflight } from '../preflight/stored-preflight.ts';
import { isoTime } from './iso-time.ts';

/** A preflight as callers see it. */
export function preflightView({ tenantId, atMs, ok, capabilities, notes, credential }: Preflight) {
  return {
    tenantId,
    at: isoTime(atMs),
    ok,
    capabilities: capabilities.map(capabilityView),
    notes,
    credential: credential && {
      kind: credential.kind,
      expiresAt: isoTime(credential.expiresAtMs),
      expiresInDays: credential.expiresInDays,
    },
  };
}

function capabilityView({ capability, state, resource, seen, next, permissions }: CapabilityCheck) {
  return { capability, state, api: resource, seen, next, permissions };
}

/** What is kept of the last one. */
export function lastPreflightView({ atMs, ok, states, notes }: LastPreflight) {
  return { at: isoTime(atMs), ok, states, notes };
}
