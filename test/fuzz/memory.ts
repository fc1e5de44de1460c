import type { Memory } from './app-process.ts';

const MIB = 2 ** 20;
/** What caches, compiled code and pools may still take after the warm-up, whatever the number of requests. */
const LIVE_BYTES = 3 * MIB;
const LIVE_BYTES_PER_REQUEST = 20;
/** The process's own pages come back late or never; a leak outside of the heap shows all the same. */
const RESIDENT_BYTES = 256 * MIB;

/** Says so when more is alive at the end than after the warm-up. */
export function memoryFault({
  warm,
  end,
  requestsBetween,
}: {
  readonly warm: Memory;
  readonly end: Memory;
  readonly requestsBetween: number;
}): string | undefined {
  const grown = end.live - warm.live;
  const resident = end.rss - warm.rss;
  if (grown <= LIVE_BYTES + LIVE_BYTES_PER_REQUEST * requestsBetween && resident <= RESIDENT_BYTES)
    return undefined;
  const each = Math.round(grown / Math.max(1, requestsBetween));
  return `memory grew by ${(grown / MIB).toFixed(1)} MiB (${each} bytes for each of ${requestsBetween} requests), resident by ${(resident / MIB).toFixed(1)} MiB`;
}
