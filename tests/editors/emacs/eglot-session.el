;;; eglot-session.el --- The finding and its fix in Eglot  -*- lexical-binding: t; -*-

(require 'session)
(require 'eglot)
(require 'flymake)
(setq eglot-sync-connect 30 eglot-connect-timeout 40 eglot-autoshutdown nil)
(let ((others (getenv "OTHER_SERVERS")))
  (when others (setq vatdata-other-servers (mapcar #'split-string (split-string others ";")))))
(setq project-find-functions
      (list (lambda (_) (cons 'transient (file-name-directory (getenv "BANK"))))))

(find-file (getenv "BANK"))
(call-interactively #'eglot)
(flymake-mode 1)
(flymake-start)

(defun session-findings ()
  "Return the diagnostics about the first crank."
  (cl-remove-if-not (lambda (item) (string-match-p "first crank" (flymake-diagnostic-text item)))
                    (flymake-diagnostics)))

(session-wait "the finding" #'session-findings)
(session-note 'diagnostics
              (vconcat (mapcar (lambda (item)
                                 `((start . ,(session-column (flymake-diagnostic-beg item)))
                                   (end . ,(session-column (flymake-diagnostic-end item)))
                                   (text . ,(flymake-diagnostic-text item))))
                               (session-findings))))
(session-note 'others (- (length (flymake-diagnostics)) (length (session-findings))))
(goto-char (flymake-diagnostic-beg (car (session-findings))))
(cl-letf (((symbol-function 'completing-read) #'session-choose)
          (last-nonmenu-event ?a)) ; a key, else Eglot would pop up a menu
  (call-interactively #'eglot-code-actions))
(session-wait "the finding to go" (lambda () (null (session-findings))))
(session-note 'after (session-text))
(session-end)
;;; eglot-session.el ends here
