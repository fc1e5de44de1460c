import { setImmediate } from 'node:timers/promises';
import { type ErrorCode, isOutriderError, OutriderError } from '../../shared/errors.ts';
import type { Random } from './random.ts';
import type { Effect, Fault, Port } from './schedule.ts';
import { tellEffect } from './story.ts';

/** Milliseconds that a call takes when nothing goes wrong. */
const TAKES: Readonly<Record<Port, number>> = {
  list: 150,
  next: 150,
  get: 100,
  alerts: 150,
  join: 100,
  row: 4,
  range: 8,
  transact: 15,
  put: 12,
  blob: 8,
  blobs: 10,
  send: 10,
  any: 0,
};
/** More calls than any story needs: a run that goes round in circles. */
const MOST_CALLS = 30_000;

/** One run, or another writer, on its way. */
export interface Actor {
  readonly name: string;
  faults: readonly Fault[];
  readonly counts: Map<Port, number>;
  calls: number;
  /** `thawIn` steps of the schedule it goes on; 0 when it is not frozen. */
  thawIn: number;
  dead: boolean;
  result: { readonly value: unknown } | { readonly error: unknown } | undefined;
}

/** How a call ended; `twice`: the answer comes twice. */
export interface Answer<Value> {
  readonly value: Value;
  readonly twice: boolean;
}

/** A call waits here until the conductor lets it go. */
export type Gate = <Value>(port: Port, work: () => Value | Promise<Value>) => Promise<Answer<Value>>;

interface Waiting {
  readonly actor: Actor;
  readonly port: Port;
  work(): Promise<unknown>;
  struck: boolean;
  resolve(answer: Answer<unknown>): void;
  reject(error: unknown): void;
}

interface ConductorOptions {
  readonly random: Random;
  readonly clock: { now(): number; advance(ms: number): void };
  readonly note: (hazard: string) => void;
  readonly tell: (line: string) => void;
  /** What the world does at an effect that is not the call's own. */
  readonly strike: (effect: Effect) => void;
  /** Before each call. */
  readonly tick: () => void;
}

/**
 * Lets calls go one at a time, in an order that only the seed decides: whatever runs at once is interleaved at its
 * awaits, and what is to go wrong goes wrong at the call that the schedule names.
 */
export interface Conductor {
  start(name: string, faults: readonly Fault[], work: (gate: Gate, actor: Actor) => Promise<unknown>): Actor;
  /** Until everybody has ended, is frozen or dead. */
  drain(): Promise<void>;
  /** A step of the schedule is over: frozen runs come nearer to their thaw. */
  stepOver(): void;
  /** All that are frozen go on. */
  thawAll(): void;
  /** What was thrown since this was asked last. */
  thrown(): readonly { readonly name: string; readonly error: unknown }[];
}

export function createConductor(options: ConductorOptions): Conductor {
  const { random, clock, note, tell, strike, tick } = options;
  const actors: Actor[] = [];
  const thrown: { readonly name: string; readonly error: unknown }[] = [];
  let waiting: Waiting[] = [];
  let calls = 0;
  let writes = 0;
  const writesAtFreeze = new Map<Actor, number>();

  function faultFor(actor: Actor, port: Port): Effect | undefined {
    const nth = actor.counts.get(port) ?? 0;
    actor.counts.set(port, nth + 1);
    const all = actor.calls++;
    return actor.faults.find((fault) =>
      fault.port === 'any' ? fault.nth === all : fault.port === port && fault.nth === nth,
    )?.effect;
  }

  async function letGo(call: Waiting): Promise<void> {
    if (++calls > MOST_CALLS) throw new Error('the sync goes round in circles');
    const { actor, port } = call;
    const effect = call.struck ? undefined : faultFor(actor, port);
    clock.advance(TAKES[port]);
    tick();
    if (!effect) return deliver(call);
    call.struck = true;
    tell(`  ${actor.name}: ${port} ${tellEffect(effect)}`);
    switch (effect.kind) {
      case 'fails':
        note(nameOfFailure(effect.code, port));

        return call.reject(errorOf(effect.code));
      case 'lost':
        await call.work().catch(() => {});
        note(`answer lost: ${sideOf(port)}`);

        return call.reject(errorOf('storage.unavailable'));
      case 'twice':
        if (port !== 'get' && port !== 'join') note(`answered twice: ${sideOf(port)}`);

        if (!isSource(port)) await call.work().catch(() => {});
        return deliver(call, true);
      case 'slow':
        clock.advance(effect.ms);
        tick();
        note('slow');

        return deliver(call);
      case 'dies':
        if (effect.when === 'after') await call.work().catch(() => {});
        note(`process died ${effect.when} a call took effect`);

        actor.dead = true;
        waiting = waiting.filter((other) => other.actor !== actor);
        return;
      case 'freezes':
        return freeze(call, effect);
      default:
        strike(effect);
        return deliver(call);
    }
  }

  async function freeze(call: Waiting, { when, steps }: Extract<Effect, { kind: 'freezes' }>): Promise<void> {
    const { actor } = call;

    if (when === 'after') {
      const done = call.work();
      await done.catch(() => {});
      call.work = () => done;
    }
    actor.thawIn = steps;
    writesAtFreeze.set(actor, writes);
    waiting.push(call);
  }

  async function deliver(call: Waiting, twice = false): Promise<void> {
    try {
      const value = await call.work();
      if (call.port === 'transact') writes++;
      call.resolve({ value, twice });
    } catch (error) {
      call.reject(error);
    }
  }

  function thaw(actor: Actor): void {
    actor.thawIn = 0;
    tell(`  ${actor.name} goes on`);
    if (writes > (writesAtFreeze.get(actor) ?? writes)) note('frozen, and thawed after another run wrote');
  }

  return {
    thrown: () => thrown.splice(0),
    start(name, faults, work) {
      const actor: Actor = {
        name,
        faults,
        counts: new Map(),
        calls: 0,
        thawIn: 0,
        dead: false,
        result: undefined,
      };
      actors.push(actor);
      const gate: Gate = (port, execute) =>
        new Promise((resolve, reject) => {
          if (actor.dead) return;
          waiting.push({
            actor,
            port,
            work: async () => execute(),
            struck: false,
            resolve: resolve as (answer: Answer<unknown>) => void,
            reject,
          });
        });
      void work(gate, actor).then(
        (value) => {
          actor.result = { value };
        },
        (error: unknown) => {
          actor.result = { error };
          thrown.push({ name, error });
        },
      );
      return actor;
    },
    async drain() {
      for (;;) {
        await setImmediate();
        const ready = waiting.filter(({ actor }) => actor.thawIn === 0);
        if (ready.length === 0) return;
        const call = random.pick(ready);
        if (ready.some(({ actor }) => actor !== call.actor)) note('two at once');
        waiting.splice(waiting.indexOf(call), 1);
        await letGo(call);
      }
    },
    stepOver() {
      for (const actor of actors) {
        if (actor.thawIn === 1) thaw(actor);
        else if (actor.thawIn > 1) actor.thawIn--;
      }
    },
    thawAll() {
      for (const actor of actors) if (actor.thawIn > 0) thaw(actor);
    },
  };
}

const SOURCE: ReadonlySet<Port> = new Set(['list', 'next', 'get', 'alerts', 'join']);
const isSource = (port: Port): boolean => SOURCE.has(port);

/** What a port is part of. */
function sideOf(port: Port): string {
  if (isSource(port)) return 'source';
  if (port === 'send') return 'queue';
  return port === 'put' || port === 'blob' || port === 'blobs' ? 'blobs' : 'table';
}

function nameOfFailure(code: string, port: Port): string {
  if (code === 'upstream.link_expired') return 'nextLink expired';
  return `fails before it took effect: ${sideOf(port)}`;
}

function errorOf(code: string): OutriderError {
  const waits = code === 'upstream.throttled' || code === 'pace.exhausted';
  return new OutriderError(code as ErrorCode, `Made to fail: ${code}`, waits ? { retryAfterMs: 20_000 } : {});
}

/** What a run may throw: storage's trouble, or that others were faster three times. */
export function isExpectedThrow(error: unknown): boolean {
  return isOutriderError(error, 'storage.unavailable', 'sync.fenced');
}
