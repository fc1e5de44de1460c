import { parentPort } from 'node:worker_threads';
import type { Binding } from '../binding.ts';
import { bindQuery } from './bind.ts';
import { loadKusto } from './language.ts';

/** A question to the thread that knows KQL. */
export interface BindRequest {
  readonly id: number;
  readonly query: string;
  readonly strictTypes: boolean;
}

/** Its answer, or what went wrong in it. */
export type BindAnswer =
  | { readonly id: number; readonly binding: Binding }
  | { readonly id: number; readonly failure: string };

const port = parentPort;
if (port === null) throw new Error('This file runs in a worker thread.');
const kusto = loadKusto();
port.on('message', ({ id, query, strictTypes }: BindRequest) => {
  port.postMessage(answer(id, query, strictTypes));
});

function answer(id: number, query: string, strictTypes: boolean): BindAnswer {
  try {
    return { id, binding: bindQuery(kusto, query, { strictTypes }) };
  } catch (cause) {
    return { id, failure: cause instanceof Error ? cause.message : String(cause) };
  }
}
