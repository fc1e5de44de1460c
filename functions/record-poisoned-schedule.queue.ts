import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** A message of a schedule that failed too often: the query is recorded as failing in its tenant. */
export async function recordPoisonedSchedule(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  const hunting = await outrider.hunting();
  await hunting.scheduled.recordPoisoned(invocationLog(context), message);
}

app.storageQueue('record-poisoned-schedule', {
  queueName: 'outrider-scheduled-hunts-poison',
  connection: 'AzureWebJobsStorage',
  handler: recordPoisonedSchedule,
});
