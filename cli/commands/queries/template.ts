/** The text of a new query's file: every field that most queries need, each with a word on what it is for. */
export function queryTemplate({ id, name }: { readonly id: string; readonly name: string }): string {
  // JSON's texts are texts of YAML too, whatever is in the name.
  return `# A hunting query of Outrider. Check it with: outrider queries check FILE
# Unique in the library; findings are kept under it, so it stays when the name changes.
id: ${JSON.stringify(id)}
name: ${JSON.stringify(name)}
description: What it finds, and why that matters.
# What to do with a finding, and what is known to be harmless.
details: Isolate the device, then ask the user.
severity: medium # informational, low, medium, high
tactics: [Execution] # https://attack.mitre.org/tactics/enterprise/
techniques: [T1059.001]

# Without a schedule it runs only when it is asked for. Instead of a frequency there may be a calendar:
#   cron: "0 0 8 * * 1-5" # second minute hour day month weekday
#   timeZone: Europe/Berlin
schedule:
  frequency: PT1H
  lookback: PT3H # at least the frequency; more, since events arrive up to an hour late
  # learnSilently: true # the first run only learns what is there
# enabled: false # keeps the schedule, runs nothing
# tenants: [contoso, fabrikam] # names or ids; without it all

# Values that a run may set: a let statement each, in front of the query.
parameters:
  TrustedParents:
    type: string # int, long, real, decimal, bool, datetime, timespan, guid
    list: true
    description: Programs that may start PowerShell.
    default: [explorer.exe, cmd.exe]
    # also: required: true, allowed: [a, b], pattern: '^\\w+$', min: 1, max: 10

query: |
  DeviceProcessEvents
  // The time first: it saves the most.
  | where Timestamp > ago(7d)
  | where FileName in~ ("powershell.exe", "pwsh.exe")
  | where InitiatingProcessFileName !in~ (TrustedParents)
  | project Timestamp, DeviceId, DeviceName, AccountName, ProcessCommandLine, InitiatingProcessFileName, ReportId

# Columns that make two rows the same finding. Without them it is the whole row less what changes.
keys: [DeviceId, AccountName, InitiatingProcessFileName, ProcessCommandLine]
entities:
  - { type: Host, identifier: DeviceId, column: DeviceId }
  - { type: Account, identifier: Name, column: AccountName }
references: []
tags: []
version: 1.0.0
`;
}
