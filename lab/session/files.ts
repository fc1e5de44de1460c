import { type FileFault, type LoadedIncident, loadIncidentFiles } from '../defender/load-files.ts';

/** Incidents from files, and what the app's settings must be so that it loads and keeps all of them. */
export interface IncidentFiles {
  readonly incidents: readonly LoadedIncident[];
  readonly faults: readonly FileFault[];
  /** See `CloudOptions`; missing where the app's own default reaches far enough. */
  readonly backfillDays?: number;
  readonly retentionDays?: number;
}

export interface FilesOptions {
  readonly paths: readonly string[];
  /** Shapes that some tenant's API serves; incidents of another shape are faults. */
  readonly families: ReadonlySet<string>;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

const DAY_MS = 86_400_000;
/** The app's documented defaults: OUTRIDER_BACKFILL_DAYS, OUTRIDER_HISTORY_DAYS, OUTRIDER_RESOLVED_DAYS. */
const DEFAULT_DAYS = { backfill: 30, history: 90, resolved: 365 } as const;
const NAMES: Readonly<Record<string, string>> = { graph: 'Microsoft Graph', xdr: 'the Defender XDR API' };

/** Reads incident files for the tenants there will be; bad files are named in `faults`, and the rest loads. */
export async function readIncidentFiles({ paths, families, now }: FilesOptions): Promise<IncidentFiles> {
  const { loaded, faults } = await loadIncidentFiles(paths);
  const incidents = loaded.filter(({ family }) => families.has(family));
  const homeless = loaded.filter(({ family }) => !families.has(family));
  return {
    incidents,
    faults: [
      ...faults,
      ...homeless.map(({ file, family, id }) => ({
        file,
        reason: `incident ${id}: no tenant of this lab is read by ${NAMES[family]}, whose shape it has`,
      })),
    ],
    ...daysFor(incidents, now),
  };
}

function daysFor(
  incidents: readonly LoadedIncident[],
  now: number,
): Pick<IncidentFiles, 'backfillDays' | 'retentionDays'> {
  const oldest = Math.min(...incidents.flatMap(({ createdMs, updatedMs }) => [createdMs, updatedMs]));
  if (!Number.isFinite(oldest)) return {};
  // A day more, so that no clock or rounding leaves the oldest out.
  const days = Math.ceil((now - oldest) / DAY_MS) + 1;
  return {
    ...(days > DEFAULT_DAYS.backfill ? { backfillDays: days } : {}),
    ...(days > DEFAULT_DAYS.history ? { retentionDays: Math.max(days, DEFAULT_DAYS.resolved) } : {}),
  };
}
