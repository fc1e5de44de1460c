import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** A sync message that failed too often: the tenant is recorded as failing, and announced by a log event. */
export async function recordPoisonedSync(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  await outrider.recordPoisoned(invocationLog(context), message);
}

app.storageQueue('record-poisoned-sync', {
  queueName: 'outrider-sync-poison',
  connection: 'AzureWebJobsStorage',
  handler: recordPoisonedSync,
});
