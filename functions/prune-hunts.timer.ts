import { app, type InvocationContext, type Timer } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** Every hour: hunting runs that are older than their tenant keeps are deleted. */
export async function pruneHunts(_timer: Timer, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  const hunting = await outrider.hunting();
  await hunting.prune(invocationLog(context));
}

app.timer('prune-hunts', { schedule: '0 15 * * * *', handler: pruneHunts });
