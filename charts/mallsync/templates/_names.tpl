{{- define "mallsync.name" -}}
{{- .Values.nameOverride | default .Chart.Name -}}
{{- end -}}

{{/* A CronJob's name has 52 characters at most, so the parts' names leave room. */}}
{{- define "mallsync.fullname" -}}
{{- $name := include "mallsync.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of what belongs to the whole cluster: two namespaces may each have a release of the same name. */}}
{{- define "mallsync.clusterName" -}}
{{- $fullname := include "mallsync.fullname" . -}}
{{- if eq $fullname .Release.Namespace -}}
{{- $fullname -}}
{{- else -}}
{{- printf "%s-%s" .Release.Namespace $fullname -}}
{{- end -}}
{{- end -}}

{{/* (list context component) */}}
{{- define "mallsync.selector" -}}
{{- $context := first . -}}
app.kubernetes.io/name: {{ include "mallsync.name" $context }}
app.kubernetes.io/instance: {{ $context.Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* (list context component) */}}
{{- define "mallsync.labels" -}}
{{- $context := first . -}}
{{ include "mallsync.selector" . }}
app.kubernetes.io/part-of: mallsync
app.kubernetes.io/version: {{ $context.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $context.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $context.Chart.Name $context.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* Name and labels of an object: (list context component name) */}}
{{- define "mallsync.metadata" -}}
{{- $context := first . -}}
name: {{ last . }}
namespace: {{ $context.Release.Namespace }}
labels:
  {{- include "mallsync.labels" (list $context (index . 1)) | nindent 2 }}
{{- end -}}

{{- define "mallsync.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "mallsync.databaseSecret" -}}
{{- if .Values.trial.enabled -}}
{{- include "mallsync.fullname" . -}}
{{- else -}}
{{- .Values.database.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "mallsync.keysSecret" -}}
{{- if .Values.trial.enabled -}}
{{- include "mallsync.fullname" . -}}
{{- else -}}
{{- .Values.encryption.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "mallsync.urlKey" -}}
{{- .Values.trial.enabled | ternary "database-url" .Values.database.urlKey -}}
{{- end -}}

{{- define "mallsync.keysKey" -}}
{{- .Values.trial.enabled | ternary "encryption-keys" .Values.encryption.key -}}
{{- end -}}

{{/* A trial's database is there only with the release, so that no hook can reach it before. */}}
{{- define "mallsync.migrationMode" -}}
{{- .Values.trial.enabled | ternary "init" .Values.migrations.mode -}}
{{- end -}}
