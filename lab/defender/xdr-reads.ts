import type { LabAnswer, LabRequest } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import type { LiveTenant } from './defender.ts';
import type { FilterProperties } from './filter.ts';
import { nextLink } from './next-link.ts';
import { shiftPage } from './page-shift.ts';
import { numberOption, QueryError, type ReadTarget, refuseOtherOptions } from './query.ts';
import type { Random } from './random.ts';
import { selectionOf } from './selection.ts';
import type { ServedIncident } from './served.ts';
import { isRedirected, xdrField } from './served-fields.ts';
import type { DefenderSettings } from './settings.ts';
import { createXdrRenderer } from './xdr-render.ts';

/** A request that has passed sign-in, permission and quota. */
export interface XdrRead {
  readonly request: LabRequest;
  readonly target: ReadTarget;
  readonly tenant: LiveTenant;
}

export interface XdrReads {
  list(read: XdrRead): Promise<LabAnswer>;
  get(read: XdrRead, id: string): LabAnswer;
}

const TOP_LIMIT = 100;
const JSON_TYPE = 'application/json; odata.metadata=minimal; charset=utf-8';

/** The only properties that `$filter` is documented for; severity is not among them. */
const FILTER: FilterProperties = {
  lastUpdateTime: 'time',
  createdTime: 'time',
  status: ['Active', 'InProgress', 'Resolved', 'Redirected'],
  assignedTo: 'text',
};

export function createXdrReads(options: {
  readonly settings: DefenderSettings;
  readonly random: Random;
}): XdrReads {
  const { settings } = options;
  const render = createXdrRenderer(options);
  const isHidden = (served: ServedIncident): boolean =>
    settings.redirected === 'gone' && isRedirected(served);

  return {
    async list({ request, target, tenant }) {
      refuseOtherOptions(target, ['$filter', '$top', '$skip'], []);
      const top = numberOption(target, '$top', 1) ?? TOP_LIMIT;
      if (top > TOP_LIMIT)
        throw new QueryError(`The limit of '${TOP_LIMIT}' for Top query has been exceeded.`);
      const skip = numberOption(target, '$skip', 0) ?? 0;
      const selection = selectionOf<ServedIncident>({
        filter: target.value('$filter'),
        properties: FILTER,
        created: 'createdTime',
        updated: 'lastUpdateTime',
        settings,
        reader: (served) => (name) => xdrField(served, name),
        hidden: settings.redirected === 'gone' ? { name: 'redirected', test: isRedirected } : undefined,
      });
      await shiftPage(tenant, settings, { family: 'xdr', collection: 'incidents', skip });
      const page = tenant.published.incidents('xdr').page(selection, skip, top);
      const context = `https://${request.url.host}/api/$metadata#Incidents`;
      const value = `"value":[${page.items.map(render).join(',')}]`;
      const end = skip + page.items.length;
      const more = settings.xdrNextLink && end < page.total;
      const link = more
        ? nextLink({ url: request.url, target, skip: end, settings: { links: 'skip' }, now: 0 })
        : '';
      const tail = more ? `,"@odata.nextLink":${JSON.stringify(link)}` : '';
      return ok(`{"@odata.context":${JSON.stringify(context)},${value}${tail}}`);
    },

    get({ request, target, tenant }, id) {
      refuseOtherOptions(target, [], []);
      const served = tenant.published.incidents('xdr').get(id);
      if (!served || isHidden(served)) throw new ApiFault(404, 'NotFound', `Incident ${id} was not found.`);
      const text = render(served);
      if (served.kind === 'raw') return ok(text);
      const context = `https://${request.url.host}/api/$metadata#Incidents/$entity`;
      return ok(`{"@odata.context":${JSON.stringify(context)},${text.slice(1)}`);
    },
  };
}

const ok = (body: string): LabAnswer => ({ status: 200, headers: { 'content-type': JSON_TYPE }, body });
