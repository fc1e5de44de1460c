# How deploy.ps1 speaks, and how it asks; dot-sourced by it. As say.sh.

# Ends with one sentence. Exit code 1 for a no, 2 for wrong use.
function Stop-Deployment([string] $Sentence, [int] $Code = 1) {
  [Console]::Error.WriteLine("deploy: $Sentence")
  exit $Code
}

function Write-Step([string] $Text) { Write-Host "== $Text" }

# A word as it can be typed.
function Format-Word([string] $Word) {
  if ($Word -match '^[A-Za-z0-9_./\\:=,@%+-]+$') { return $Word }
  "'" + $Word.Replace("'", "''") + "'"
}

# The options of a call, as they can be typed again.
function Format-Options($Bound) {
  $words = foreach ($name in $Bound.Keys) {
    if ($Bound[$name] -is [switch]) { "-$name" } else { "-$name $(Format-Word $Bound[$name])" }
  }
  $words -join ' '
}

# What az answers; a dry run prints the command, and answers the stand-in. $LASTEXITCODE says how it went. Whole: with what it says is wrong.
function Invoke-Az([string] $StandIn, [string[]] $Words, [switch] $Whole) {
  if ($DryRun) {
    Write-Host "az $(($Words | ForEach-Object { Format-Word $_ }) -join ' ')"
    $global:LASTEXITCODE = 0
    if ($StandIn) { $StandIn }
    return
  }
  if ($Whole) { & az @Words 2>&1 | ForEach-Object { "$_" } } else { & az @Words }
}

# An answer of Azure Resource Manager or Microsoft Graph. Not by az rest: what az.cmd makes of brackets and & is not sure.
function Invoke-Service([string] $Method, [string] $Service, [string] $Path, $StandIn, [string] $Otherwise) {
  if ($DryRun) {
    Write-Host "$Method $Service$Path"
    return $StandIn
  }
  try {
    $token = & az account get-access-token --resource $Service --query accessToken --output tsv
    if ($LASTEXITCODE -ne 0) { throw "No token for $Service." }
    $headers = @{ Authorization = "Bearer $token"; ConsistencyLevel = 'eventual' }
    Invoke-RestMethod -Method $Method -Uri "$Service$Path" -Headers $headers
  } catch {
    if (-not $Otherwise) { throw }
    Stop-Deployment $Otherwise
  }
}

# A variable that the parameter files read.
function Set-Given([string] $Name, [string] $Value) {
  [System.Environment]::SetEnvironmentVariable($Name, $Value)
  if ($DryRun) { Write-Host "`$env:$Name = '$Value'" }
}

# Asks before something is changed.
function Confirm-Step([string] $Question) {
  if ($Yes -or $DryRun) { return }
  if ((Read-Host "$Question [y/N]") -notmatch '^[yY]') { Stop-Deployment "Nothing was changed by this step. To go on: $again" }
}
