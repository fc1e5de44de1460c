import { z } from 'zod';
import { cpuRequest, failRequest, type HuntControl, rowsRequest, ruleRequest } from '../hunting/control.ts';
import type { ControlRoute } from './routes.ts';

const hashRequest = z.strictObject({ query: z.string() });

/** What hunting lets itself be told from outside; the bodies are the requests of `HuntControl`. */
export function huntingRoutes(hunting: HuntControl): readonly ControlRoute[] {
  const post = (path: RegExp, run: ControlRoute['run']): ControlRoute => ({ method: 'POST', path, run });
  return [
    { method: 'GET', path: /^\/hunting$/, run: () => hunting.state() },
    { method: 'DELETE', path: /^\/hunting$/, run: () => hunting.clear() },
    post(/^\/hunting\/hash$/, async ({ body }) => ({
      hash: await hunting.hashOf(hashRequest.parse(body).query),
    })),
    post(/^\/hunting\/rows$/, ({ body }) => hunting.setRows(rowsRequest.parse(body))),
    post(/^\/hunting\/rules$/, ({ body }) => hunting.rule(ruleRequest.parse(body))),
    post(/^\/hunting\/failures$/, ({ body }) => hunting.failNext(failRequest.parse(body))),
    post(/^\/hunting\/cpu$/, ({ body }) => hunting.setCpu(cpuRequest.parse(body))),
  ];
}
