import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** The first preflight of a tenant that has become active. */
export async function runPreflight(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  await outrider.preflights.checkFromMessage(invocationLog(context), message);
}

app.storageQueue('run-preflight', {
  queueName: 'outrider-preflights',
  connection: 'AzureWebJobsStorage',
  handler: runPreflight,
});
