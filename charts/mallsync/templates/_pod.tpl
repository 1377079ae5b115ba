{{/*
The fields that all pods have in common. (dict "context" … "component" … "hasToken" … "placement" …): placement has
nodeSelector, tolerations and priorityClassName that win over those of all pods.
*/}}
{{- define "mallsync.podFields" -}}
{{- $pods := .context.Values.pods -}}
{{- $own := .placement | default dict -}}
serviceAccountName: {{ include "mallsync.fullname" .context }}-{{ .component }}
automountServiceAccountToken: {{ .hasToken | default false }}
enableServiceLinks: false
{{- with .context.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.priorityClassName | default $pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $own.nodeSelector | default $pods.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations | default $pods.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "mallsync.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "mallsync.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* What each container of the program has: (list context resources) */}}
{{- define "mallsync.containerFields" -}}
{{- $context := first . -}}
image: {{ include "mallsync.image" $context | quote }}
imagePullPolicy: {{ $context.Values.image.pullPolicy }}
{{ include "mallsync.containerSecurity" $context }}
{{- with last . }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- with $context.Values.pods.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "mallsync.volumes" -}}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
  {{- with .Values.pods.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Labels of a pod: (list context component further) */}}
{{- define "mallsync.podLabels" -}}
{{- $context := first . -}}
{{- $own := include "mallsync.selector" (list $context (index . 1)) | fromYaml -}}
{{- $own = merge $own (dict "app.kubernetes.io/part-of" "mallsync" "app.kubernetes.io/version" $context.Chart.AppVersion) -}}
{{- toYaml (merge $own (last .) $context.Values.pods.labels) -}}
{{- end -}}

{{/* Annotations of a pod: (list context component further) */}}
{{- define "mallsync.podAnnotations" -}}
{{- $context := first . -}}
{{- $own := dict -}}
{{- with $context.Values.trial -}}
{{- if .enabled -}}
{{- $own = dict "checksum/trial-secret" (list .databasePassword .encryptionKeys | toJson | sha256sum) -}}
{{- end -}}
{{- end -}}
{{- with merge $own (last .) $context.Values.pods.annotations -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* The init container that brings the database to this version, where that is not a hook's work. */}}
{{- define "mallsync.migrateInit" -}}
{{- if eq (include "mallsync.migrationMode" .) "init" -}}
initContainers:
  - name: migrate
    args: [migrate, --wait, {{ .Values.migrations.waitSeconds | int64 | quote }}]
    env:
      {{- include "mallsync.databaseEnv" . | nindent 6 }}
    {{- include "mallsync.containerFields" (list . .Values.controller.resources) | nindent 4 }}
{{- end -}}
{{- end -}}

{{/* What no retry mends ends a Job at once. (a container's name) */}}
{{- define "mallsync.podFailurePolicy" -}}
podFailurePolicy:
  rules:
    - action: FailJob
      onExitCodes:
        containerName: {{ . }}
        operator: In
        values: [64, 65, 77, 78]
    - action: Ignore
      onPodConditions:
        - type: DisruptionTarget
          status: "True"
{{- end -}}
