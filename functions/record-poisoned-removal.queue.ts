import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** A message of a removal that failed too often: announced by a log event; the timer sends another. */
export async function recordPoisonedRemoval(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  outrider.tenants.recordPoisoned(invocationLog(context), message);
}

app.storageQueue('record-poisoned-removal', {
  queueName: 'outrider-removals-poison',
  connection: 'AzureWebJobsStorage',
  handler: recordPoisonedRemoval,
});
