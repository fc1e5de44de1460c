import type { IndexedFunction } from './index-functions.ts';

/** A function as the ready line shows it. */
export interface FunctionSummary {
  readonly name: string;
  readonly trigger: 'http' | 'timer' | 'queue';
  /** With the route prefix and a leading slash. */
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly schedule?: string;
  readonly queue?: string;
}

export function summaryOf(fn: IndexedFunction, routePrefix: string): FunctionSummary {
  const { name, trigger } = fn;
  if (fn.trigger === 'timer') return { name, trigger, schedule: fn.schedule.text };
  if (fn.trigger === 'queue') return { name, trigger, queue: fn.queueName };
  const route = [routePrefix, fn.route.template].filter((part) => part !== '').join('/');
  return { name, trigger, route: `/${route}`, methods: fn.methods };
}
