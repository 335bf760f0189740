### 代码对应的词：状态、判定、原因、字段、选项。

state-needs_review = 待审核
state-held_late = 逾期待批
state-amendment_waiting = 补正待批
state-overdue = 逾期未交
state-draft = 草稿
state-on_time = 按时提交
state-arrived_late = 按时提交、晚到达
state-sealed = 已封存

standing-candidate = 按时提交，截止后封存
standing-official = 已封存的提交
standing-held = 逾期提交，待批示
standing-needs_review = 时间无法判定，待批示
standing-amendment = 补正，待批示
standing-approved = 经批示生效的提交
standing-rejected = 未获批准的补正
standing-contained = 内容已在封存版本中
standing-refused = 未获接受的逾期提交
standing-not_evaluable = 缺必填项，无法判定

outcome-on_time = 按时
outcome-late = 逾期
outcome-needs_review = 待审核
outcome-open = 未定
outcome-not_evaluable = 无法判定

basis-proven = 已证明
basis-measured = 手机计时测得
basis-claimed = 仅凭手机时间
basis-receipt = 按到达时间
basis-none = 依据不足

flag-wall_jump = 手机时间被调整过（不影响计时测得的结果）
flag-claim_outside_bounds = 手机显示的时间在已证明的区间之外
flag-reboot_since_anchor = 期间手机重启过，计时中断
flag-boot_rate_odd = 手机计时走速异常，测得结果不采用
flag-anchors_unanswered = 手机多次索取时间凭证而不上传，测得结果不采用
flag-server_time_suspect = 到达时服务器时间存疑，测得结果不采用

ruling-accept_late = 接受（记为逾期）
ruling-accept_late-means = 计入工作量，仍记逾期。
ruling-excuse = 谅解
ruling-excuse-means = 视同按时。
ruling-refuse = 不予接受
ruling-refuse-means = 不计入，保留在历史中。
ruling-approve = 批准
ruling-approve-means = 生成新的封存版本。
ruling-reject = 驳回
ruling-reject-means = 原版本不变，补正保留在历史中。

reason-no_coverage = 无信号
reason-device_failure = 手机故障
reason-illness = 生病
reason-customer_request = 客户要求
reason-forgot = 忘记
reason-system_fault = 系统故障
reason-correction = 更正笔误
reason-other = 其他（请说明）

cause-deadline = 截止时封存
cause-arrived_late = 按时提交，晚到达
cause-accepted_late = 接受逾期提交
cause-excused = 谅解逾期提交
cause-approved = 批准补正
cause-finding = 逾期仅作记录，仍封存
cause-decided = 批示

happening-checked_in = 签到
happening-checked_out = 签退
happening-wrote = 填写
happening-submitted = 提交
happening-sealed = 封存
happening-decided = 批示

decide-problem-ruling_missing = 请选择意见。
decide-problem-reason_missing = 请选择原因。
decide-problem-note_missing = 原因选“其他”时请写明。
decide-problem-note_too_long = 说明不能超过 500 字。
decide-problem-moved = 这次提交已不在待批示之列，请看最新情况。

sign-in-problem-wrong = 公司代码、账号或密码不正确。
sign-in-problem-too_many = 尝试次数过多，请过几分钟再试。
sign-in-problem-ended = 登录已过期，请重新登录。
sign-in-problem-not_for_pages = 此账号请在手机上使用。

password-problem-code_wrong = 公司代码、账号或登录码不正确，或登录码已用过。
password-problem-too_short = 密码至少 12 个字符。
password-problem-too_many = 尝试次数过多，请过几分钟再试。
password-problem-one_time = 您用的是一次性登录码，请先设置自己的密码。
password-problem-too_long = 密码最多 128 个字符。
password-problem-common = 这个密码太容易被猜到，请换一个。
password-problem-different = 两次输入的密码不一致。

problem-not_found = 没有这个页面
problem-not_found-next = 地址可能有误，或者您无权查看。
problem-not_allowed = 您无权执行此操作
problem-not_allowed-next = 如有需要，请联系管理员。
problem-form_expired = 表单已过期
problem-form_expired-next = 什么都没有改变。请回到页面重新填写。
problem-busy = 服务器正忙
problem-busy-next = 请稍后再试。
problem-failed = 服务器出错
problem-failed-next = 错误已记录。请稍后再试。

field-customer = 客户
field-rep = 拜访人
field-class = 拜访类别
field-channel = 方式
field-planned = 计划时间
field-started = 开始
field-ended = 结束
field-place = 地点
field-counterpart = 拜访对象
field-counterpart_level = 对象层级
field-attendees = 参加人
field-purpose = 目的
field-expected_effect = 预期效果
field-content = 拜访内容
field-result = 结果
field-consensus = 共识
field-next_step = 下一步
field-next_visit = 下次拜访
field-change_reason = 变更原因
field-satisfaction = 满意度

choice-scheduled_return = 定期回访
choice-event_return = 事后回访
choice-walk = 走访
choice-business_contact = 业务联系
choice-first = 初次拜访
choice-first_after_deal = 成交后首访
choice-site_survey = 实地调查
choice-festival = 节日拜访
choice-move_in = 入驻拜访
choice-on_site = 上门
choice-phone = 电话
choice-sms = 短信
choice-email = 邮件
choice-letter = 信函
choice-post = 邮寄
choice-handling_contact = 经办人
choice-handling_lead = 经办负责人
choice-business_lead = 业务负责人
choice-key_decision_maker = 关键决策人

refusal-malformed_entry = 日志条目无法读取
refusal-over_limit = 超出大小或数量上限
refusal-malformed_change = 修改的格式不正确
refusal-foreign_actor = 冒用其他手机的身份书写
refusal-sequence_broken = 修改的序号重复或中断
refusal-missing_dependency = 缺少先前的修改，待手机补送
refusal-start_op_wrong = 修改的操作计数不符
refusal-not_permitted = 使用人无权书写此记录
refusal-bad_reference = 引用了不存在的内容
refusal-schema_violation = 字段的值不符合要求
refusal-dry_run_failed = 试合并未通过
refusal-unknown_kind = 未知的记录种类
refusal-unknown_heads = 提交所指的内容尚未到达
refusal-value_mismatch = 提交的内容与校验值不符
refusal-unknown_anchor = 时间凭证不是发给此手机的
refusal-unknown_document = 所指的记录不存在
refusal-quarantined = 手机已停用，内容被隔离

field-time = 时间
field-calendar = 节假日历
