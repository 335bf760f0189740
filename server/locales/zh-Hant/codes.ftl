### 代碼對應的詞：狀態、判定、原因、欄位、選項。

state-needs_review = 待審核
state-held_late = 逾期待批
state-amendment_waiting = 補正待批
state-overdue = 逾期未交
state-draft = 草稿
state-on_time = 按時提交
state-arrived_late = 按時提交、晚到達
state-sealed = 已封存

standing-candidate = 按時提交，截止後封存
standing-official = 已封存的提交
standing-held = 逾期提交，待批示
standing-needs_review = 時間無法判定，待批示
standing-amendment = 補正，待批示
standing-approved = 經批示生效的提交
standing-rejected = 未獲批准的補正
standing-contained = 內容已在封存版本中
standing-refused = 未獲接受的逾期提交
standing-not_evaluable = 缺必填項，無法判定

outcome-on_time = 按時
outcome-late = 逾期
outcome-needs_review = 待審核
outcome-open = 未定
outcome-not_evaluable = 無法判定

basis-proven = 已證明
basis-measured = 手機計時測得
basis-claimed = 僅憑手機時間
basis-receipt = 按到達時間
basis-none = 依據不足

flag-wall_jump = 手機時間被調整過（不影響計時測得的結果）
flag-claim_outside_bounds = 手機顯示的時間在已證明的區間之外
flag-reboot_since_anchor = 期間手機重啟過，計時中斷
flag-boot_rate_odd = 手機計時走速異常，測得結果不採用
flag-anchors_unanswered = 手機多次索取時間憑證而不上傳，測得結果不採用
flag-server_time_suspect = 到達時伺服器時間存疑，測得結果不採用

ruling-accept_late = 接受（記為逾期）
ruling-accept_late-means = 計入工作量，仍記逾期。
ruling-excuse = 諒解
ruling-excuse-means = 視同按時。
ruling-refuse = 不予接受
ruling-refuse-means = 不計入，保留在歷史中。
ruling-approve = 批准
ruling-approve-means = 產生新的封存版本。
ruling-reject = 駁回
ruling-reject-means = 原版本不變，補正保留在歷史中。

reason-no_coverage = 無訊號
reason-device_failure = 手機故障
reason-illness = 生病
reason-customer_request = 客戶要求
reason-forgot = 忘記
reason-system_fault = 系統故障
reason-correction = 更正筆誤
reason-other = 其他（請說明）

cause-deadline = 截止時封存
cause-arrived_late = 按時提交，晚到達
cause-accepted_late = 接受逾期提交
cause-excused = 諒解逾期提交
cause-approved = 批准補正
cause-finding = 逾期僅作記錄，仍封存
cause-decided = 批示

happening-checked_in = 簽到
happening-checked_out = 簽退
happening-wrote = 填寫
happening-submitted = 提交
happening-sealed = 封存
happening-decided = 批示

decide-problem-ruling_missing = 請選擇意見。
decide-problem-reason_missing = 請選擇原因。
decide-problem-note_missing = 原因選「其他」時請寫明。
decide-problem-note_too_long = 說明不能超過 500 字。
decide-problem-moved = 這次提交已不在待批示之列，請看最新情況。

sign-in-problem-wrong = 公司代碼、帳號或密碼不正確。
sign-in-problem-too_many = 嘗試次數過多，請過幾分鐘再試。
sign-in-problem-ended = 登入已過期，請重新登入。
sign-in-problem-not_for_pages = 此帳號請在手機上使用。

password-problem-code_wrong = 公司代碼、帳號或登入碼不正確，或登入碼已用過。
password-problem-too_short = 密碼至少 12 個字元。
password-problem-too_many = 嘗試次數過多，請過幾分鐘再試。
password-problem-one_time = 您用的是一次性登入碼，請先設定自己的密碼。
password-problem-too_long = 密碼最多 128 個字元。
password-problem-common = 這個密碼太容易被猜到，請換一個。
password-problem-different = 兩次輸入的密碼不一致。

problem-not_found = 沒有這個頁面
problem-not_found-next = 網址可能有誤，或者您無權查看。
problem-not_allowed = 您無權執行此操作
problem-not_allowed-next = 如有需要，請聯絡管理員。
problem-form_expired = 表單已過期
problem-form_expired-next = 什麼都沒有改變。請回到頁面重新填寫。
problem-busy = 伺服器正忙
problem-busy-next = 請稍後再試。
problem-failed = 伺服器出錯
problem-failed-next = 錯誤已記錄。請稍後再試。

field-customer = 客戶
field-rep = 拜訪人
field-class = 拜訪類別
field-channel = 方式
field-planned = 計劃時間
field-started = 開始
field-ended = 結束
field-place = 地點
field-counterpart = 拜訪對象
field-counterpart_level = 對象層級
field-attendees = 參加人
field-purpose = 目的
field-expected_effect = 預期效果
field-content = 拜訪內容
field-result = 結果
field-consensus = 共識
field-next_step = 下一步
field-next_visit = 下次拜訪
field-change_reason = 變更原因
field-satisfaction = 滿意度

choice-scheduled_return = 定期回訪
choice-event_return = 事後回訪
choice-walk = 走訪
choice-business_contact = 業務聯繫
choice-first = 初次拜訪
choice-first_after_deal = 成交後首訪
choice-site_survey = 實地調查
choice-festival = 節日拜訪
choice-move_in = 入駐拜訪
choice-on_site = 上門
choice-phone = 電話
choice-sms = 簡訊
choice-email = 郵件
choice-letter = 信函
choice-post = 郵寄
choice-handling_contact = 經辦人
choice-handling_lead = 經辦負責人
choice-business_lead = 業務負責人
choice-key_decision_maker = 關鍵決策人

refusal-malformed_entry = 日誌條目無法讀取
refusal-over_limit = 超出大小或數量上限
refusal-malformed_change = 修改的格式不正確
refusal-foreign_actor = 冒用其他手機的身分書寫
refusal-sequence_broken = 修改的序號重複或中斷
refusal-missing_dependency = 缺少先前的修改，待手機補送
refusal-start_op_wrong = 修改的操作計數不符
refusal-not_permitted = 使用人無權書寫此記錄
refusal-bad_reference = 引用了不存在的內容
refusal-schema_violation = 欄位的值不符合要求
refusal-dry_run_failed = 試合併未通過
refusal-unknown_kind = 未知的記錄種類
refusal-unknown_heads = 提交所指的內容尚未到達
refusal-value_mismatch = 提交的內容與校驗值不符
refusal-unknown_anchor = 時間憑證不是發給此手機的
refusal-unknown_document = 所指的記錄不存在
refusal-quarantined = 手機已停用，內容被隔離

field-time = 時間
field-calendar = 節假日曆
