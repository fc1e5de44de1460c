import { ApiFault } from '../defender/api-fault.ts';
import { createThrottle, type Quota } from '../defender/throttle.ts';
import type { LabClock } from '../service.ts';
import type { HuntSettings } from './settings.ts';

/** What a tenant may still do. All its apps, and both endpoints, share it. */
export interface HuntLimits {
  /** Counts a call. @throws ApiFault 429 */
  countCall(tenant: string): void;
  /** @throws ApiFault 429 when the tenant has used up its share until the next cycle */
  checkCpu(tenant: string): void;
  useCpu(tenant: string, ms: number): void;
  /** Sets what is used of this cycle, in percent of the share. */
  setCpu(tenant: string, percent: number): void;
  /** Percent of the share that is used in this cycle. */
  cpuPercent(tenant: string): number;
  callsFault(seconds: number): ApiFault;
  cpuFault(): ApiFault;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function createHuntLimits(options: {
  readonly clock: LabClock;
  readonly settings: HuntSettings;
}): HuntLimits {
  const { clock, settings } = options;
  const throttle = createThrottle({ clock });
  const used = new Map<string, { readonly cycle: number; readonly ms: number }>();

  const cycleNow = (): number => Math.floor(clock.now() / settings.huntCpuCycleMs);

  function usedNow(tenant: string): number {
    const known = used.get(tenant);
    return known?.cycle === cycleNow() ? known.ms : 0;
  }

  function fault(message: string, seconds: number): ApiFault {
    const headers = settings.huntRetryAfter ? { 'retry-after': String(seconds) } : {};
    return new ApiFault(429, 'TooManyRequests', message, headers);
  }

  /** The text that was seen live (MicrosoftDocs/microsoft-365-docs issue 4616). */
  function callsFault(
    seconds: number,
    allowed = settings.huntCallsPerMinute ?? 0,
    per = '00:01:00',
  ): ApiFault {
    return fault(`API calls quota exceeded! maximum allowed ${allowed} per ${per}`, seconds);
  }

  /** Documented is that the body says which limit was reached; the words are assumed. */
  function cpuFault(): ApiFault {
    const left = (cycleNow() + 1) * settings.huntCpuCycleMs - clock.now();
    const message =
      'CPU quota exceeded! The tenant has used 100% of its allocated CPU resources; queries are blocked until the next 15-minute cycle.';
    return fault(message, Math.max(1, Math.ceil(left / 1000)));
  }

  return {
    countCall(tenant) {
      const minute: Quota = { name: tenant, calls: settings.huntCallsPerMinute, windowMs: MINUTE };
      const hour: Quota = { name: tenant, calls: settings.huntCallsPerHour, windowMs: HOUR };
      const taken = throttle.take([minute, hour]);
      if (taken.ok) return;
      const isHour = taken.retryAfter > 60;
      throw isHour
        ? callsFault(taken.retryAfter, settings.huntCallsPerHour ?? 0, '01:00:00')
        : callsFault(taken.retryAfter);
    },
    checkCpu(tenant) {
      const most = settings.huntCpuMsPerCycle;
      if (most !== null && usedNow(tenant) >= most) throw cpuFault();
    },
    useCpu(tenant, ms) {
      used.set(tenant, { cycle: cycleNow(), ms: usedNow(tenant) + ms });
    },
    setCpu(tenant, percent) {
      used.set(tenant, { cycle: cycleNow(), ms: ((settings.huntCpuMsPerCycle ?? 0) * percent) / 100 });
    },
    cpuPercent: (tenant) =>
      settings.huntCpuMsPerCycle ? (usedNow(tenant) / settings.huntCpuMsPerCycle) * 100 : 0,
    callsFault: (seconds) => callsFault(seconds),
    cpuFault,
  };
}
