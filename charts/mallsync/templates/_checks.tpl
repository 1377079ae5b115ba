{{/* Values that contradict each other, or lack what the others ask for. */}}
{{- define "mallsync.check" -}}
{{- $values := .Values -}}
{{- if $values.trial.enabled -}}
{{- if or $values.database.existingSecret $values.encryption.existingSecret -}}
{{- fail "trial.enabled brings its own database and keys: leave database.existingSecret and encryption.existingSecret out, or the trial" -}}
{{- end -}}
{{- if $values.database.directUrlKey -}}
{{- fail "trial.enabled has no pgbouncer: leave database.directUrlKey out, or the trial" -}}
{{- end -}}
{{- else -}}
{{- if not $values.database.existingSecret -}}
{{- fail "database.existingSecret must name a Secret with the address of a PostgreSQL; to look around first, set trial.enabled=true" -}}
{{- end -}}
{{- if not $values.encryption.existingSecret -}}
{{- fail "encryption.existingSecret must name a Secret with the encryption keys; to look around first, set trial.enabled=true" -}}
{{- end -}}
{{- end -}}
{{- range $values.jobs.podTemplate.containers -}}
{{- if and (eq (toString .name) "sync") (or (hasKey . "image") (hasKey . "args")) -}}
{{- fail "jobs.podTemplate may not set image or args of the container sync: the image is image.repository, the args are the run's parameters" -}}
{{- end -}}
{{- end -}}
{{- with $values.controller.leader -}}
{{- if ge (int64 .renewSeconds) (int64 .leaseSeconds) -}}
{{- fail "controller.leader.renewSeconds must be below controller.leader.leaseSeconds" -}}
{{- end -}}
{{- if ge (mul 2 (int64 .retrySeconds)) (int64 .renewSeconds) -}}
{{- fail "controller.leader.retrySeconds must be below half of controller.leader.renewSeconds" -}}
{{- end -}}
{{- end -}}
{{- with $values.controller -}}
{{- if and (gt (int64 .replicas) 1) .podDisruptionBudget.enabled (ge (int64 .podDisruptionBudget.minAvailable) (int64 .replicas)) -}}
{{- fail "controller.podDisruptionBudget.minAvailable must be below controller.replicas, else no node can be drained" -}}
{{- end -}}
{{- end -}}
{{- with $values.admin -}}
{{- if .ingress.enabled -}}
{{- if not .enabled -}}
{{- fail "admin.ingress.enabled needs admin.enabled: there is no page to lead to" -}}
{{- end -}}
{{- if not .ingress.hosts -}}
{{- fail "admin.ingress.enabled needs admin.ingress.hosts: it would take in every host" -}}
{{- end -}}
{{- end -}}
{{- if and .enabled (not .existingSecret) (not .proxy.addresses) -}}
{{- fail "admin.enabled needs admin.existingSecret, a Secret with a users file (`mallsync admin-user` makes its lines), or admin.proxy.addresses: nobody could sign in" -}}
{{- end -}}
{{- if and .enabled (not .publicUrl) -}}
{{- fail "admin.enabled needs admin.publicUrl, the page's address in a browser: Cafe24 sends back to it after consent" -}}
{{- end -}}
{{- end -}}
{{- end -}}
