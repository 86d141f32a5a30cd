-- Health of a segue.dev/Migration for Argo CD. Goes by the conditions, which are an interface; phases are for humans.
local status = obj.status
if status == nil or status.conditions == nil then
  return { status = "Progressing", message = "Segue has not looked at it yet" }
end
if status.observedGeneration ~= nil and obj.metadata.generation ~= nil
    and status.observedGeneration < obj.metadata.generation then
  return { status = "Progressing", message = "Segue has not looked at the latest change yet" }
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  if condition.status == "True" then
    conditions[condition.type] = condition
  end
end

local function health(name, condition)
  return { status = name, message = condition.message }
end

-- Reverted, Failed or Stuck; the message has the cause and the remedy.
if conditions.Stalled ~= nil then
  return health("Degraded", conditions.Stalled)
end
if conditions.Ready ~= nil then
  return health("Healthy", conditions.Ready)
end
-- Only a human can end these.
local waiting = conditions.Waiting
local forHumans = {
  Paused = true, Planned = true, CheckFailed = true, FieldContested = true, SourceDiverged = true,
  DeploymentPaused = true, ServiceGone = true, Inconclusive = true, AnalysisRefused = true, StagingStale = true,
}
if waiting ~= nil and forHumans[waiting.reason] then
  return health("Suspended", waiting)
end
if conditions.Reconciling ~= nil then
  return health("Progressing", conditions.Reconciling)
end
return { status = "Progressing", message = status.phase or "in progress" }
