import type { World, WorldPerson } from './world.ts';

/** What a person is to Outrider and Defender. */
export type Part = 'admin' | 'operator' | 'reader' | 'outsider';

const NAMES: Readonly<Record<Part, string>> = {
  admin: 'Amina Admin',
  operator: 'Otto Operator',
  reader: 'Rosa Reader',
  outsider: 'Uma Outsider',
};

const PARTS: readonly Part[] = ['admin', 'operator', 'reader', 'outsider'];
/** Whom a partner sends to its customers' tenants as guests. */
const GUESTS: readonly Part[] = ['operator', 'reader'];

interface Place {
  readonly id: string;
  readonly name: string;
}

export interface PeopleOptions {
  readonly home: Place;
  readonly tenants: readonly Place[];
  /** No customer yet. */
  readonly prospect: Place;
  readonly guid: (name: string) => string;
}

/**
 * The people of the lab. Every tenant has an admin, an operator and a reader of its Defender, and an outsider without
 * any role; the home tenant's operator and reader are guests of every customer.
 */
export function createPeople({ home, tenants, prospect, guid }: PeopleOptions): readonly WorldPerson[] {
  const atHome = PARTS.map((part) => person(home, part, guid));
  const guests = (tenant: Place): readonly WorldPerson[] =>
    atHome
      .filter(({ part }) => GUESTS.includes(part))
      .map(({ id, name, part, userPrincipalName }) => ({
        id: guid(`guest ${part} ${tenant.id}`),
        tenantId: tenant.id,
        name,
        part,
        userPrincipalName: `${userPrincipalName.replace('@', '_')}#EXT#@${domainOf(tenant)}`,
        guestOf: id,
      }));
  const atCustomers = tenants.flatMap((tenant) => [
    ...PARTS.map((part) => person(tenant, part, guid)),
    ...guests(tenant),
  ]);
  return [...atHome, ...atCustomers, ...PARTS.map((part) => person(prospect, part, guid))];
}

/** One person of a tenant who is at home there. @throws Error when there is none */
export function personOf({ people }: World, tenantId: string, part: Part): WorldPerson {
  const found = people.find(
    (one) => one.tenantId === tenantId && one.part === part && one.guestOf === undefined,
  );
  if (found === undefined) throw new Error(`The lab's tenant ${tenantId} has no ${part}.`);
  return found;
}

function person(tenant: Place, part: Part, guid: (name: string) => string): WorldPerson {
  return {
    id: guid(`person ${part} ${tenant.id}`),
    tenantId: tenant.id,
    name: NAMES[part],
    part,
    userPrincipalName: `${part}@${domainOf(tenant)}`,
  };
}

/** https://www.rfc-editor.org/rfc/rfc2606: a name that is nobody's. */
function domainOf({ name }: Place): string {
  return `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.example`;
}
