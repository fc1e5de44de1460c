import type { Scan } from './scan-folder.ts';

const MOST_LINES = 30;

/** What a scan has found, for people. */
export function reportOf(scan: Scan): string {
  const { leaks, secrets, pieces, bytes, cpuMs } = scan;
  const kinds = Object.entries(secrets).map(([kind, count]) => `${count} × ${kind}`);
  const amount = `${pieces} outputs, requests and answers (${Math.round(bytes / 1_000_000)} MB)`;
  const lines = [
    `Secrets: ${leaks.length === 0 ? 'none' : leaks.length} of ${kinds.join(', ')} found in ${amount}, in ${(cpuMs / 1000).toFixed(1)} s of CPU.`,
    ...leaks
      .slice(0, MOST_LINES)
      .map(({ secret, place, form }) => `  LEAK of ${secret}\n    in ${place} (${form})`),
  ];
  if (leaks.length > MOST_LINES) lines.push(`  … and ${leaks.length - MOST_LINES} more`);
  return lines.join('\n');
}
