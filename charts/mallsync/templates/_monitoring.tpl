{{/* The components that have metrics, each with that of its Service. */}}
{{- define "mallsync.scraped" -}}
controller: controller
{{- if .Values.admin.enabled }}
admin: admin-metrics
{{- end }}
{{- end -}}

{{/*
The groups of a rule file for this release alone: (list context path). It looks at its own namespace only, so that two
releases do not both alert of each other. Where no controller is wanted none is missed.
*/}}
{{- define "mallsync.ruleGroups" -}}
{{- $context := first . -}}
{{- $values := $context.Values.monitoring.rules -}}
{{- $scope := printf "namespace=%q" $context.Release.Namespace -}}
{{- $disabled := $values.disabled -}}
{{- if eq (int64 $context.Values.controller.replicas) 0 -}}
{{- $disabled = append $disabled "MallsyncControllerAbsent" -}}
{{- end -}}
{{- $groups := list -}}
{{- range $group := (last . | $context.Files.Get | fromYaml).groups -}}
{{- $rules := list -}}
{{- range $rule := $group.rules -}}
{{- if not (has $rule.alert $disabled) -}}
{{- $_ := set $rule "expr" (replace "namespace=~\".*\"" $scope $rule.expr) -}}
{{- with get $values.severities $rule.alert -}}
{{- $_ := set $rule.labels "severity" . -}}
{{- end -}}
{{- with $values.runbookUrl -}}
{{- $_ := set $rule.annotations "runbook_url" (printf "%s/%s.md" (trimSuffix "/" .) $rule.alert) -}}
{{- end -}}
{{- $rules = append $rules $rule -}}
{{- end -}}
{{- end -}}
{{- with $rules -}}
{{- $groups = append $groups (merge (dict "rules" .) $group) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "groups" $groups) -}}
{{- end -}}
