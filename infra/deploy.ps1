#Requires -Version 7.2
<#
.SYNOPSIS
From an empty subscription to a running Outrider: the steps of deploy.sh, for PowerShell. docs/deploy.md says who needs which role.
.DESCRIPTION
Run it again after a failure, or to upgrade: every step finds what is there already in Azure and Entra ID.
.EXAMPLE
infra/deploy.ps1 -Environment prod -Location westeurope
#>
[CmdletBinding()]
param(
  [Parameter(Mandatory)][string] $Environment,
  [Parameter(Mandatory)][string] $Location,
  # Parameters of infra/sizes.
  [ValidateSet('one', 'partner', 'locked')][string] $Size = 'one',
  # What is published: of npm run package.
  [string] $Package = (Join-Path $PSScriptRoot '../dist/outrider.zip'),
  # A person or group in Entra ID who runs Outrider: roles at its API (az ad signed-in-user show).
  [string] $Operator = $env:OUTRIDER_OPERATOR_PRINCIPAL_ID,
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
  [string] $ApiAppId, [string] $ClientAppId, [string] $CliAppId,
  [string] $ResourceGroup, [string] $NamePrefix, [string] $FederationPrincipalId, [string] $CallerPrincipalId,
  [string] $OnboardingCallbackUrl
)
Set-StrictMode -Version 1.0
$ErrorActionPreference = 'Stop'
# A failing az is judged by its exit code, in each place.
$PSNativeCommandUseErrorActionPreference = $false

$waitSeconds = 30
$again = "infra/deploy.ps1 -Environment $Environment -Location $Location -Size $Size"
if ($SkipEntra) { $again += ' -SkipEntra' }
if ($EntraOnly) { $again += ' -EntraOnly' }
$Location = $Location.ToLowerInvariant().Replace(' ', '')
$sizeFile = @{ one = 'one-tenant'; partner = 'partner'; locked = 'locked-down' }[$Size]

function Stop-Deployment([string] $Sentence, [int] $Code = 1) {
  [Console]::Error.WriteLine("deploy: $Sentence")
  exit $Code
}
function Write-Step([string] $Text) { Write-Host "== $Text" }

# What az answers; a dry run prints the command, and answers the stand-in. $LASTEXITCODE says how it went.
function Invoke-Az([string] $StandIn, [string[]] $Words) {
  if ($DryRun) {
    Write-Host "az $($Words -join ' ')"
    $global:LASTEXITCODE = 0
    return $StandIn
  }
  & az @Words
}

# An answer of Azure Resource Manager or Microsoft Graph. Not by az rest: what az.cmd makes of brackets and & is not sure.
function Invoke-Service([string] $Method, [string] $Service, [string] $Path, $StandIn) {
  if ($DryRun) {
    Write-Host "$Method $Service$Path"
    return $StandIn
  }
  $token = & az account get-access-token --resource $Service --query accessToken --output tsv
  if ($LASTEXITCODE -ne 0) { throw "No token for $Service." }
  $headers = @{ Authorization = "Bearer $token"; ConsistencyLevel = 'eventual' }
  Invoke-RestMethod -Method $Method -Uri "$Service$Path" -Headers $headers
}

function Set-Given([string] $Name, [string] $Value) {
  [System.Environment]::SetEnvironmentVariable($Name, $Value)
  if ($DryRun) { Write-Host "`$env:$Name = '$Value'" }
}

function Confirm-Step([string] $Question) {
  if ($Yes -or $DryRun) { return }
  if ((Read-Host "$Question [y/N]") -notmatch '^[yY]') { Stop-Deployment "Nothing was changed by this step. To go on: $again" }
}

. "$PSScriptRoot/deploy/preflight.ps1"

function Publish-Template([string] $What, [string] $File) {
  $name = "outrider-$What-$Environment-$Location"
  Write-Step "${What}: what would change"
  Invoke-Az '' @('deployment', 'sub', 'what-if', '--name', $name, '--location', $Location, '--parameters', $File) | Out-Host
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "Azure does not take the step ${What}: mend what it names above, then $again" }
  Confirm-Step "Deploy this ($What)?"
  Invoke-Az '' @('deployment', 'sub', 'create', '--name', $name, '--location', $Location, '--parameters', $File, '--output', 'none') | Out-Host
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "The step $What failed, and nothing needs to be undone: mend what Azure names above, then $again" }
}

function Get-Outputs([string] $What, [hashtable] $StandIn) {
  $text = (Invoke-Az ($StandIn | ConvertTo-Json -Depth 4) @('deployment', 'sub', 'show', '--name', "outrider-$What-$Environment-$Location", '--query', 'properties.outputs', '--output', 'json')) -join ''
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "The step $What is not done, or you may not see it: let the owner of the subscription run infra/deploy.ps1 -Environment $Environment -Location $Location -SkipEntra" }
  $text | ConvertFrom-Json
}

function Publish-Entra {
  Write-Step 'Entra ID: app registrations, permissions, consent (Entra ID knows no what-if)'
  Write-Host "App registrations $NamePrefix-client, $NamePrefix-api, $NamePrefix-cli as in infra/sizes/$sizeFile.entra.bicepparam"
  foreach ($part in 'client', 'api', 'cli') {
    $deleted = Invoke-Service GET $graph "/v1.0/directory/deletedItems/microsoft.graph.application?`$filter=uniqueName eq '$NamePrefix-$part'&`$count=true&`$select=id" @{ value = @() }
    if (@($deleted.value).Count -gt 0) {
      Stop-Deployment "The app registration $NamePrefix-$part is left from an earlier deployment, deleted: az rest --method DELETE --url $graph/v1.0/directory/deletedItems/$($deleted.value[0].id)"
    }
  }
  Set-Given OUTRIDER_NAME_PREFIX $NamePrefix
  Set-Given OUTRIDER_FEDERATION_PRINCIPAL_ID $FederationPrincipalId
  Set-Given OUTRIDER_CALLER_PRINCIPAL_ID $CallerPrincipalId
  Set-Given OUTRIDER_ONBOARDING_CALLBACK_URL $OnboardingCallbackUrl
  Set-Given OUTRIDER_OPERATOR_PRINCIPAL_ID $Operator
  Confirm-Step 'Deploy this (Entra ID)?'
  for ($try = 1; ; $try++) {
    $said = (Invoke-Az '' @('deployment', 'group', 'create', '--name', 'outrider-entra', '--resource-group', $ResourceGroup, '--parameters', "$PSScriptRoot/sizes/$sizeFile.entra.bicepparam", '--output', 'none') 2>&1) -join "`n"
    # A second run finds the grants there.
    if ($LASTEXITCODE -eq 0 -or $said -match 'entry already exists|assigned already exists') { break }
    # A new identity takes a while to be known everywhere in Entra ID.
    if ($try -lt 4 -and $said -match 'valid reference update|queried reference-property objects') {
      Start-Sleep -Seconds $waitSeconds
      continue
    }
    Write-Host $said
    Stop-Deployment "The step entra failed, and nothing needs to be undone: mend what Azure names above (a missing right: be Privileged Role Administrator of directory $($account.tenantId)), then $again"
  }
}

function Get-AppId([string] $Part) {
  (Invoke-Service GET $graph "/v1.0/applications(uniqueName='$NamePrefix-$Part')?`$select=appId" @{ appId = "<$Part app>" }).appId
}

function Show-Consent {
  try {
    $grants = Invoke-Service GET $graph "/v1.0/servicePrincipals(appId='$ClientAppId')/appRoleAssignments?`$select=id" @{ value = @(@{ id = '1' }) }
    if (@($grants.value).Count -eq 0) { Write-Host "Consent is not given yet, so no tenant can be read: az ad app permission admin-consent --id $ClientAppId" }
  } catch { Write-Verbose 'Whether consent is given cannot be seen.' }
}

function Wait-Health([string] $Url) {
  Write-Step "check: $Url/api/health"
  for ($try = 1; $try -le 20; $try++) {
    if ($DryRun) { Write-Host "GET $Url/api/health"; return }
    try { if ((Invoke-RestMethod -Uri "$Url/api/health").status -eq 'ok') { return } } catch { Write-Verbose "$_" }
    Start-Sleep -Seconds $waitSeconds
  }
  Stop-Deployment "The app is published and does not say that it is well: npx outrider login, then npx outrider doctor --url $Url says why."
}

Test-Arguments
Write-Step 'Is everything there that is needed?'
Test-Tools
$account = Get-Account
$government = $account.environmentName -eq 'AzureUSGovernment'
$graph = if ($government) { 'https://graph.microsoft.us' } else { 'https://graph.microsoft.com' }
$arm = if ($government) { 'https://management.usgovcloudapi.net' } else { 'https://management.azure.com' }
if ($Azd -and $env:AZURE_SUBSCRIPTION_ID -and $env:AZURE_SUBSCRIPTION_ID -ne $account.id) { Stop-Deployment "az and azd mean two subscriptions: az account set --subscription $env:AZURE_SUBSCRIPTION_ID" }
Set-Given AZURE_TENANT_ID $account.tenantId
Write-Host "As $($account.user.name) in subscription $($account.id) of directory $($account.tenantId); another: az account set --subscription <id>"
if (-not $EntraOnly) {
  if (-not $Azd -and (-not $SkipEntra -or $ApiAppId) -and -not $DryRun -and -not (Test-Path $Package)) { Stop-Deployment "There is no package ${Package}: npm ci && npm run package, or -Package <zip>" }
  Test-Rights
  Test-Subscription
}
if (-not $SkipEntra) { Test-Entra }
if (-not $EntraOnly) {
  Set-Given AZURE_ENV_NAME $Environment
  Set-Given AZURE_LOCATION $Location
  Publish-Template bootstrap "$PSScriptRoot/bootstrap.bicepparam"
}
if (-not $NamePrefix) {
  $made = Get-Outputs bootstrap @{ resourceGroupName = @{ value = '<resource group>' }; namePrefix = @{ value = '<prefix>' }; federationPrincipalId = @{ value = '<federation identity>' }; callerPrincipalId = @{ value = '<caller identity>' }; onboardingCallbackUrl = @{ value = '<callback>' } }
  $ResourceGroup, $NamePrefix = $made.resourceGroupName.value, $made.namePrefix.value
  $FederationPrincipalId, $CallerPrincipalId, $OnboardingCallbackUrl = $made.federationPrincipalId.value, $made.callerPrincipalId.value, $made.onboardingCallbackUrl.value
}
if (-not $SkipEntra) {
  Publish-Entra
  $ApiAppId, $ClientAppId = (Get-AppId api), (Get-AppId client)
  if ($Size -ne 'locked') { $CliAppId = Get-AppId cli }
  if ($EntraOnly) {
    Show-Consent
    $ids = "-SkipEntra -ApiAppId $ApiAppId -ClientAppId $ClientAppId"
    if ($CliAppId) { $ids += " -CliAppId $CliAppId" }
    if (-not $DryRun) { Set-Content -Path "outrider-$Environment.ids" -Value $ids }
    Write-Step "Hand this over to the owner of the subscription (also in outrider-$Environment.ids):"
    Write-Host "infra/deploy.ps1 -Environment $Environment -Location $Location -Size $Size $ids"
    exit 0
  }
} elseif (-not $ApiAppId) {
  $more = if ($OnboardingCallbackUrl) { " -OnboardingCallbackUrl $OnboardingCallbackUrl" } else { '' }
  if ($Operator) { $more += " -Operator $Operator" }
  Write-Step 'Hand this over to the Entra administrator, who also needs to be Contributor of the resource group:'
  Write-Host "az role assignment create --role Contributor --assignee <administrator> --scope /subscriptions/$($account.id)/resourceGroups/$ResourceGroup"
  Write-Host "infra/deploy.ps1 -EntraOnly -Environment $Environment -Location $Location -Size $Size -ResourceGroup $ResourceGroup -NamePrefix $NamePrefix -FederationPrincipalId $FederationPrincipalId -CallerPrincipalId $CallerPrincipalId$more"
  exit 0
}
if ($Azd) {
  $handed = [ordered]@{ OUTRIDER_API_CLIENT_ID = $ApiAppId; OUTRIDER_GRAPH_CLIENT_ID = $ClientAppId; OUTRIDER_CLI_CLIENT_ID = $CliAppId; OUTRIDER_API_TENANT_ID = $account.tenantId; AZURE_TENANT_ID = $account.tenantId }
  foreach ($name in $handed.Keys) {
    if ($DryRun) { Write-Host "azd env set $name $($handed[$name])" } else { azd env set $name $handed[$name] }
    if (-not $DryRun -and $LASTEXITCODE -ne 0) { Stop-Deployment "azd does not take what it needs: azd env select $Environment" }
  }
  Show-Consent
  exit 0
}
Set-Given OUTRIDER_API_CLIENT_ID $ApiAppId
Set-Given OUTRIDER_GRAPH_CLIENT_ID $ClientAppId
Set-Given OUTRIDER_CLI_CLIENT_ID $CliAppId
Publish-Template main "$PSScriptRoot/sizes/$sizeFile.main.bicepparam"
$deployed = Get-Outputs main @{ functionAppName = @{ value = '<function app>' }; url = @{ value = 'https://<function app>.azurewebsites.net' } }
Write-Step "publish: $Package"
# For Flex Consumption this command is One Deploy, by the signed-in person's token: publishing passwords are off.
Invoke-Az '' @('functionapp', 'deployment', 'source', 'config-zip', '--resource-group', $ResourceGroup, '--name', $deployed.functionAppName.value, '--src', $Package, '--output', 'none') | Out-Host
if ($LASTEXITCODE -ne 0) { Stop-Deployment "The step publish failed, and nothing needs to be undone: mend what Azure names above, then $again" }
Wait-Health $deployed.url.value
Write-Host "Outrider runs at $($deployed.url.value)"
Write-Host 'Prove it from inside as well:'
Write-Host "  `$env:OUTRIDER_API_CLIENT_ID = '$ApiAppId'; `$env:OUTRIDER_API_TENANT_ID = '$($account.tenantId)'; `$env:OUTRIDER_CLI_CLIENT_ID = '$CliAppId'"
Write-Host "  npx outrider login; npx outrider doctor --url $($deployed.url.value)"
Show-Consent
