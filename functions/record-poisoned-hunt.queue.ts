import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** A message of a hunt that failed too often: its run ends as failed, and a log event announces it. */
export async function recordPoisonedHunt(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  const hunting = await outrider.hunting();
  await hunting.recordPoisoned(invocationLog(context), message);
}

app.storageQueue('record-poisoned-hunt', {
  queueName: 'outrider-hunts-poison',
  connection: 'AzureWebJobsStorage',
  handler: recordPoisonedHunt,
});
