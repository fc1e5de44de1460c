import { app, type InvocationContext, type Timer } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** Every minute: a tenant is due once in each of its intervals, at a minute of its own. */
export async function enqueueDueTenants(timer: Timer, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  // Before its first run the host says that the last one was in the year 1.
  const last = Date.parse(timer.scheduleStatus?.last ?? '');
  await outrider.enqueueDue(invocationLog(context), last > 0 ? last : undefined);
}

app.timer('enqueue-due-tenants', { schedule: '0 * * * * *', handler: enqueueDueTenants });
