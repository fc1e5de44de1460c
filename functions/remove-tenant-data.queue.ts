import { app, type InvocationContext } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** One slice of the deletion of a removed tenant's data. */
export async function removeTenantData(message: unknown, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  await outrider.tenants.removeFromMessage(invocationLog(context), message);
}

app.storageQueue('remove-tenant-data', {
  queueName: 'outrider-removals',
  connection: 'AzureWebJobsStorage',
  handler: removeTenantData,
});
