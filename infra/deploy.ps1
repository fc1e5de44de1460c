#Requires -Version 7.2
<#
.SYNOPSIS
From an empty subscription to a running Outrider: the steps and the words of deploy.sh, for PowerShell. docs/deploy.md says who needs which role.
.DESCRIPTION
Run it again after a failure, or to upgrade: every step finds what is there already in Azure and Entra ID.
.EXAMPLE
infra/deploy.ps1 -Environment prod -Location westeurope
#>
[CmdletBinding(PositionalBinding = $false)]
param(
  [string] $Environment,
  [string] $Location,
  # Parameters of infra/sizes: one, partner or locked.
  [string] $Size = 'one',
  # What is published: of npm run package.
  [string] $Package = (Join-Path $PSScriptRoot '../dist/outrider.zip'),
  # A person or group in Entra ID who runs Outrider: roles at its API (az ad signed-in-user show).
  [string] $Operator = $env:OUTRIDER_OPERATOR_PRINCIPAL_ID,
  # Who is told of alerts. Default: whoever the last run named.
  [string] $AlertEmail = $env:OUTRIDER_ALERT_EMAIL,
  # Do not ask before each step.
  [switch] $Yes,
  # Print the commands; send nothing.
  [switch] $DryRun,
  # Called by azd (azure.yaml): stop before main.bicep, and leave the ids in azd's environment.
  [switch] $Azd,
  # All but Entra ID; without ids: only what the administrator needs.
  [switch] $SkipEntra,
  # Entra ID alone; hands over three ids.
  [switch] $EntraOnly,
  # What was handed over (with -SkipEntra).
  [string] $ApiAppId, [string] $ClientAppId, [string] $CliAppId,
  # What was handed over (with -EntraOnly).
  [string] $ResourceGroup, [string] $NamePrefix, [string] $FederationPrincipalId, [string] $CallerPrincipalId,
  [string] $OnboardingCallbackUrl
)
Set-StrictMode -Version 1.0
$ErrorActionPreference = 'Stop'
# A failing az is judged by its exit code, in each place.
$PSNativeCommandUseErrorActionPreference = $false

. "$PSScriptRoot/deploy/say.ps1"
. "$PSScriptRoot/deploy/preflight.ps1"
. "$PSScriptRoot/deploy/steps.ps1"

# What a command or a variable should have given, and did not.
$bound = $PSBoundParameters
$emptyOption = 'Operator', 'ApiAppId', 'ClientAppId' | Where-Object { $bound.ContainsKey($_) -and -not $bound[$_] } | ForEach-Object { "-$_" } | Select-Object -First 1
# azd calls this script, and goes on itself afterwards.
$again = if ($Azd) { 'azd up' } else { "infra/deploy.ps1 $(Format-Options $bound)" }
$Location = $Location.ToLowerInvariant().Replace(' ', '')
$sizes = @{ 'one' = 'one-tenant'; 'one-tenant' = 'one-tenant'; 'partner' = 'partner'; 'locked' = 'locked-down'; 'locked-down' = 'locked-down' }
$sizeFile = $sizes[$Size]

Test-Arguments
Test-Everything
if (-not $EntraOnly) { Publish-Bootstrap }
if (-not $SkipEntra) {
  Find-Bootstrap
  Publish-Entra
  if ($EntraOnly) {
    Show-Ids
    exit 0
  }
} elseif (-not $ApiAppId) {
  Show-AdminCommands
  exit 0
}
if ($Azd) {
  Set-AzdEnvironment
  exit 0
}
Publish-Main
Publish-Package
Wait-Health
Show-Consent
