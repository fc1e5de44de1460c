import { app, type InvocationContext, type Timer } from '@azure/functions';
import { invocationLog } from '../shared/http/invocation-log.ts';
import { loadApp } from '../shared/http/load-app.ts';

/** Every hour, and done once a day: secrets and certificates that expire soon are announced. */
export async function checkCredentials(_timer: Timer, context: InvocationContext): Promise<void> {
  const { app: outrider } = await loadApp();
  await outrider.preflights.checkCredentials(invocationLog(context));
}

app.timer('check-credentials', { schedule: '0 40 * * * *', handler: checkCredentials });
