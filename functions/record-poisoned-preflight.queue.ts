import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** A preflight that failed too often for trouble of our own: announced by a log event; anybody may ask for another. */
export async function recordPoisonedPreflight(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  outrider.preflights.recordPoisoned(invocationLog(context), message);
}

app.storageQueue('record-poisoned-preflight', {
  queueName: 'outrider-preflights-poison',
  connection: 'AzureWebJobsStorage',
  handler: recordPoisonedPreflight,
});
