/** The setting that names the app's own address: of the lab's app it is known once that listens. */
export const ADDRESS_SETTING = 'OUTRIDER_API_URL';

/**
 * The cloud's settings, a sync every minute instead of the app's default of five, and queues that are looked at every
 * second: whoever watches a lab sees within a minute what changed.
 */
export function withLabPace(
  settings: Readonly<Record<string, string>>,
  { scheduledHunts }: { readonly scheduledHunts: boolean } = { scheduledHunts: true },
): Readonly<Record<string, string>> {
  return {
    ...settings,
    OUTRIDER_INTERVAL_MINUTES: '1',
    AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:01',
    ...(scheduledHunts ? {} : { 'AzureWebJobs.enqueue-due-hunts.Disabled': 'true' }),
  };
}
