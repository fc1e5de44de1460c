import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** One bounded run of one tenant's sync. Trouble upstream is kept as the tenant's state; only our own is thrown. */
export async function syncTenant(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  const id = context.triggerMetadata?.id;
  await outrider.syncFromMessage(invocationLog(context), message, typeof id === 'string' ? id : undefined);
}

app.storageQueue('sync-tenant', {
  queueName: 'outrider-sync',
  connection: 'AzureWebJobsStorage',
  handler: syncTenant,
});
