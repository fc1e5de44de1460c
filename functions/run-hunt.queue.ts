import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** One turn of a hunting run. A service's trouble is kept as the run's state; only our own is thrown. */
export async function runHunt(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  const hunting = await outrider.hunting();
  await hunting.runFromMessage(invocationLog(context), message);
}

app.storageQueue('run-hunt', {
  queueName: 'outrider-hunts',
  connection: 'AzureWebJobsStorage',
  handler: runHunt,
});
