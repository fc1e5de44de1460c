import { app, type InvocationContext, type Timer } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** Every minute: queries of the library that have become due, in each of their tenants. */
export async function enqueueDueHunts(timer: Timer, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  const hunting = await outrider.hunting();
  // Before its first run the host says that the last one was in the year 1.
  const last = Date.parse(timer.scheduleStatus?.last ?? '');
  await hunting.scheduled.enqueueDue(invocationLog(context), last > 0 ? last : undefined);
}

app.timer('enqueue-due-hunts', { schedule: '30 * * * * *', handler: enqueueDueHunts });
