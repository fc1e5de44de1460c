import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** A query that is due in a tenant: its last run is settled, and a new one asked for. */
export async function runScheduledHunt(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  const hunting = await outrider.hunting();
  await hunting.scheduled.runFromMessage(invocationLog(context), message);
}

app.storageQueue('run-scheduled-hunt', {
  queueName: 'outrider-scheduled-hunts',
  connection: 'AzureWebJobsStorage',
  handler: runScheduledHunt,
});
