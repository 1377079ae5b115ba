{{/* Variables of each command that opens the database. */}}
{{- define "mallsync.databaseEnv" -}}
{{ include "mallsync.connectionEnv" . }}
- name: MALLSYNC_LOG_LEVEL
  value: {{ .Values.log.level }}
- name: MALLSYNC_LOG_FORMAT
  value: {{ .Values.log.format }}
{{- end -}}

{{- define "mallsync.connectionEnv" -}}
- name: MALLSYNC_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "mallsync.databaseSecret" . }}
      key: {{ include "mallsync.urlKey" . }}
{{- if .Values.database.directUrlKey }}
- name: MALLSYNC_DATABASE_DIRECT_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "mallsync.databaseSecret" . }}
      key: {{ .Values.database.directUrlKey }}
{{- end }}
- name: MALLSYNC_DATABASE_SCHEMA
  value: {{ .Values.database.schema | quote }}
{{- with .Values.pods.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "mallsync.keysEnv" -}}
- name: MALLSYNC_ENCRYPTION_KEYS
  valueFrom:
    secretKeyRef:
      name: {{ include "mallsync.keysSecret" . }}
      key: {{ include "mallsync.keysKey" . }}
{{- end -}}

{{- define "mallsync.cafe24Env" -}}
- name: MALLSYNC_CAFE24_URL
  value: {{ .Values.trial.enabled | ternary (printf "http://%s-simulator:18080/{mall_id}" (include "mallsync.fullname" .)) .Values.cafe24.url | quote }}
- name: MALLSYNC_CAFE24_API_VERSION
  value: {{ .Values.cafe24.apiVersion | quote }}
{{- end -}}

{{/* How executions behave: whoever runs some, or has them run. */}}
{{- define "mallsync.executionEnv" -}}
{{ include "mallsync.cafe24Env" . }}
- name: MALLSYNC_LEASE_SECONDS
  value: {{ .Values.leaseSeconds | int64 | quote }}
- name: MALLSYNC_PII
  value: {{ .Values.pii | quote }}
{{- end -}}

{{- define "mallsync.namespaceEnv" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end -}}

{{- define "mallsync.controllerEnv" -}}
{{ include "mallsync.namespaceEnv" . }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{ include "mallsync.databaseEnv" . }}
{{ include "mallsync.executionEnv" . }}
{{- with .Values.controller }}
{{- if .clusterId }}
- name: MALLSYNC_CLUSTER_ID
  value: {{ .clusterId | quote }}
{{- end }}
- name: MALLSYNC_JOB_LIMIT
  value: {{ $.Values.trial.enabled | ternary (min .jobLimit $.Values.trial.jobLimit) .jobLimit | int64 | quote }}
- name: MALLSYNC_JOBS_PER_SECOND
  value: {{ .jobsPerSecond | int64 | quote }}
- name: MALLSYNC_CONTROLLER_WORKERS
  value: {{ .workers | int64 | quote }}
- name: MALLSYNC_LEADER_LEASE_SECONDS
  value: {{ .leader.leaseSeconds | int64 | quote }}
- name: MALLSYNC_LEADER_RENEW_SECONDS
  value: {{ .leader.renewSeconds | int64 | quote }}
- name: MALLSYNC_LEADER_RETRY_SECONDS
  value: {{ .leader.retrySeconds | int64 | quote }}
- name: MALLSYNC_DRAIN_SECONDS
  value: {{ .drainSeconds | int64 | quote }}
- name: MALLSYNC_MALL_METRICS
  value: {{ .mallMetrics | quote }}
{{- end }}
{{ include "mallsync.goalsEnv" . }}
{{- with .Values.nightly }}
{{- if and .enabled (not .suspend) (eq .timeZone "Asia/Seoul") }}
- name: MALLSYNC_NIGHTLY_SCHEDULE
  value: {{ .schedule | quote }}
{{- end }}
{{- end }}
{{ include "mallsync.jobEnv" . }}
{{- with .Values.controller.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "mallsync.adminEnv" -}}
{{ include "mallsync.namespaceEnv" . }}
{{ include "mallsync.databaseEnv" . }}
{{ include "mallsync.keysEnv" . }}
{{ include "mallsync.cafe24Env" . }}
{{- with .Values.admin }}
- name: MALLSYNC_ADMIN_HOST
  value: 0.0.0.0
- name: MALLSYNC_PUBLIC_URL
  value: {{ .publicUrl | quote }}
{{- if .redirectUri }}
- name: MALLSYNC_REDIRECT_URI
  value: {{ .redirectUri | quote }}
{{- end }}
{{- if .existingSecret }}
- name: MALLSYNC_USERS_FILE
  value: {{ printf "/etc/mallsync/page/%s" .usersKey | quote }}
{{- end }}
{{- if .proxy.addresses }}
- name: MALLSYNC_TRUSTED_PROXIES
  value: {{ join "," .proxy.addresses | quote }}
- name: MALLSYNC_PROXY_USER_HEADER
  value: {{ .proxy.userHeader | quote }}
{{- if .proxy.role }}
- name: MALLSYNC_PROXY_ROLE
  value: {{ .proxy.role }}
{{- end }}
{{- end }}
- name: MALLSYNC_SESSION_HOURS
  value: {{ .sessionHours | int64 | quote }}
- name: MALLSYNC_SESSION_IDLE_MINUTES
  value: {{ .sessionIdleMinutes | int64 | quote }}
- name: MALLSYNC_ADMIN_METRICS_HOST
  value: 0.0.0.0
{{- end }}
{{ include "mallsync.goalsEnv" . }}
{{- end -}}

{{/* What counts as late, for the page and for metrics alike. */}}
{{- define "mallsync.goalsEnv" -}}
{{- with .Values.admin -}}
- name: MALLSYNC_FRESHNESS_TARGET_HOURS
  value: {{ .freshnessTargetHours | int64 | quote }}
- name: MALLSYNC_NIGHT_DEADLINE
  value: {{ .nightDeadline | quote }}
{{- end -}}
{{- end -}}

{{/* What the controller knows of its Jobs. */}}
{{- define "mallsync.jobEnv" -}}
- name: MALLSYNC_JOB_IMAGE
  value: {{ include "mallsync.image" . | quote }}
- name: MALLSYNC_JOB_DATABASE_SECRET
  value: {{ printf "%s/%s" (include "mallsync.databaseSecret" .) (include "mallsync.urlKey" .) | quote }}
{{- if .Values.database.directUrlKey }}
- name: MALLSYNC_JOB_DATABASE_DIRECT_SECRET
  value: {{ printf "%s/%s" (include "mallsync.databaseSecret" .) .Values.database.directUrlKey | quote }}
{{- end }}
- name: MALLSYNC_JOB_KEYS_SECRET
  value: {{ printf "%s/%s" (include "mallsync.keysSecret" .) (include "mallsync.keysKey" .) | quote }}
{{- with .Values.jobs }}
- name: MALLSYNC_JOB_RESOURCES
  value: {{ toJson .resources | quote }}
- name: MALLSYNC_JOB_POD_TEMPLATE
  value: {{ include "mallsync.jobPodTemplate" $ | quote }}
{{- if .queueName }}
- name: MALLSYNC_JOB_QUEUE
  value: {{ .queueName | quote }}
{{- end }}
{{- if .podLabels }}
- name: MALLSYNC_JOB_POD_LABELS
  value: {{ toJson .podLabels | quote }}
{{- end }}
{{- if .podAnnotations }}
- name: MALLSYNC_JOB_POD_ANNOTATIONS
  value: {{ toJson .podAnnotations | quote }}
{{- end }}
- name: MALLSYNC_SUCCEEDED_JOB_TTL_SECONDS
  value: {{ .succeededTtlSeconds | int64 | quote }}
- name: MALLSYNC_FAILED_JOB_TTL_SECONDS
  value: {{ .failedTtlSeconds | int64 | quote }}
- name: MALLSYNC_START_DEADLINE_SECONDS
  value: {{ .startDeadlineSeconds | int64 | quote }}
{{- end }}
{{- end -}}

{{/* The Jobs' account and the way to their image, under what jobs.podTemplate says. */}}
{{- define "mallsync.jobPodTemplate" -}}
{{- $given := deepCopy .Values.jobs.podTemplate -}}
{{- $sync := dict "name" "sync" "imagePullPolicy" .Values.image.pullPolicy -}}
{{- $others := list -}}
{{- range $given.containers -}}
{{- if eq .name "sync" -}}
{{- $sync = mergeOverwrite $sync . -}}
{{- else -}}
{{- $others = append $others . -}}
{{- end -}}
{{- end -}}
{{- $own := dict "serviceAccountName" (printf "%s-sync" (include "mallsync.fullname" .)) -}}
{{- with .Values.image.pullSecrets -}}
{{- $_ := set $own "imagePullSecrets" . -}}
{{- end -}}
{{- $containers := dict "containers" (prepend $others $sync) -}}
{{- mergeOverwrite $own (omit $given "containers") $containers | toJson -}}
{{- end -}}
