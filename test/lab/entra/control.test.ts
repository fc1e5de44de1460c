import { beforeEach, describe, expect, test } from 'vitest';
import { type EntraControl, settingsChange, tenantChange, userChange } from '../../../lab/entra/control.ts';
import { ANALYST, API, CLI, CUSTOMER, createLab, GRAPH, HOME, type Lab, READER, SECRET } from './fixture.ts';

let lab: Lab;
let control: EntraControl;
beforeEach(() => {
  lab = createLab();
  control = lab.entra.control;
});

test('settings change at once, every one of them by its name', () => {
  expect(Object.keys(settingsChange.shape).sort()).toEqual(Object.keys(control.settings()).sort());
  control.change(settingsChange.parse({ tokenLifetimeSeconds: 60, missingPrincipal: 7000229 }));
  expect(lab.entra.settings).toMatchObject({ tokenLifetimeSeconds: 60, missingPrincipal: 7000229 });
  control.change(settingsChange.parse({ tokenLifetimeSeconds: null }));
  expect(lab.entra.settings).toMatchObject({ tokenLifetimeSeconds: undefined, missingPrincipal: 7000229 });
  expect(() => settingsChange.parse({ tokenLifeSeconds: 60 })).toThrow();
});

test('the directory is shown without a secret', () => {
  const text = JSON.stringify(control.directory());
  expect(text).toContain('ana@contoso.example');
  expect(text).toContain(READER);
  expect(text).not.toContain(SECRET);
});

describe('changes', () => {
  test('of a tenant', () => {
    const policy = { id: ANALYST, demand: 'mfa' };
    const challenge = { kind: 'context', context: 'c1' };
    control.changeTenant(
      CUSTOMER.toUpperCase(),
      tenantChange.parse({ resources: [GRAPH], conditionalAccess: [policy], challenges: [challenge] }),
    );
    expect(lab.directory.tenants[1]).toMatchObject({
      resources: [GRAPH],
      conditionalAccess: [policy],
      challenges: [challenge],
    });
    control.changeTenant(CUSTOMER, { resources: null });
    expect(lab.directory.tenants[1]).not.toHaveProperty('resources');
    expect(() => tenantChange.parse({ challenges: [{ kind: 'other' }] })).toThrow();
    expect(() => control.changeTenant(READER, {})).toThrow(/no tenant/);
  });

  test('of a user', () => {
    control.changeUser(ANALYST, userChange.parse({ isEnabled: false, defender: 'none' }));
    expect(lab.analyst).toMatchObject({ isEnabled: false, defender: 'none' });
    expect(() => control.changeUser(HOME, {})).toThrow(/no user/);
  });

  test('of an app, which may be deleted or lose its consent', () => {
    control.changeApp(READER, { assignmentRequired: true });
    expect(lab.reader.assignmentRequired).toBe(true);
    control.revokeConsent(CLI, HOME);
    expect(lab.cli.consents?.map(({ tenantId }) => tenantId)).toEqual([CUSTOMER, CUSTOMER]);
    control.deleteApp(API);
    expect(lab.directory.apps.map(({ appId }) => appId)).toEqual([READER, CLI]);
    expect(() => control.deleteApp(API)).toThrow(/no app/);
  });
});
